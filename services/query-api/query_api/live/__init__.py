"""A session while it goes on: its batches in order of arrival, to many viewers (docs/adr/0099-live.md)."""
