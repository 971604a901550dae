"""What is measured: read from variants.toml, built, started with its environment, verified."""
