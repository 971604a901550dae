"""Changes that leave a program's behaviour as it is."""
