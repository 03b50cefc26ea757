"""Builders of events, batches, logs and tables for every test: plain values, a test says what matters."""
