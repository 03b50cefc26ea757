"""The timeline: what happened in a session, for the marks on the scrubber and the list beside it."""
