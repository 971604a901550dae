"""What a run needs of the tiers it measures, wherever they are."""
