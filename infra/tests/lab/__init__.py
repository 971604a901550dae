"""A small data centre on one machine, for the tests of infra/."""
