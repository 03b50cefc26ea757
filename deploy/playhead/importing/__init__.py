"""Brings recordings that lie in files into a collector: read, check, send, tell."""
