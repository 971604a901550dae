"""Why variants differ: each step of a chain, and its share. Pure functions of results and comparisons."""
