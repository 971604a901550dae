"""Doubts about a run's numbers: each a type, with the numbers behind it."""
