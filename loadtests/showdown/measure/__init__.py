"""Rounds of a run: planned, measured, counted, written down."""
