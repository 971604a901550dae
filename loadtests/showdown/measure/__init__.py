"""Plans, measures, counts and records the rounds of a run."""
