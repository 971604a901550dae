"""What a run's numbers are worth: intervals, ranks, verdicts. Pure functions of results."""
