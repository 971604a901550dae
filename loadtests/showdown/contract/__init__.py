"""What is compared: one API, its data set, its golden cases, its requests and its variants, as contract.toml says."""
