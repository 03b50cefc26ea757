"""Processes are killed while batches flow; at the end every row is what the log says."""
