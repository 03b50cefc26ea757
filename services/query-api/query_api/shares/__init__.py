"""Shares: links that open one session, for a time, to people without a token."""
