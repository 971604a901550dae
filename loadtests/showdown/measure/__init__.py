"""Plans, measures, counts and records the slices of a run."""
