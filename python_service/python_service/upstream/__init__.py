"""The service behind this one: which calls it gets, how its answers are read, and how long a client for it lives."""
