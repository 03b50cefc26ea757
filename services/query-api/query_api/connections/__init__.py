"""Connections of the caller's tenant, held in memory from the compacted topic `playhead.connections`."""
