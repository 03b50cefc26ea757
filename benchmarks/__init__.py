"""Measurements: a folder answers one question and writes `results/<folder>.json`. Nothing here is a test."""
