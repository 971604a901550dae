"""Runs the showdown: loads each variant of the API, records what it costs, and reports it."""
