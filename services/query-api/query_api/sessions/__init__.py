"""Sessions: the list of a connection, its totals, and one session with its windows."""
