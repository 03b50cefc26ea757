"""Plays recordings into a collector as visitors would send them: over HTTP, in batches, with retries."""
