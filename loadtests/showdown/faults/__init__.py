"""Faults under load: each is caused on purpose, and what clients saw of it is compared with what was promised."""
