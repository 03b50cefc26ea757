"""The whole of Playhead on one machine, without Docker: starts, watches and stops every process."""
