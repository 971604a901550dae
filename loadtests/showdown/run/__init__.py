"""Interleaved rounds: measured, watched, written down."""
