"""Builders of events, batches, logs and tables for every test. They give plain values; a test says what matters."""
