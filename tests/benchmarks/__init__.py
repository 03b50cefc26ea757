"""Tests of what the benchmarks work out themselves; nothing is measured here."""
