"""Finds HTTP clients, pools and TLS contexts that live too briefly, too long, or in the wrong kind of code."""

__version__ = "0.1.0"
