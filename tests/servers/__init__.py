"""Real servers for tests: each is started once in a test session, on free ports, with temporary data."""
