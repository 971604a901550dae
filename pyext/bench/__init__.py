"""What rows to JSON cost in CPU time: rowjson against what Python users have. `python -m bench` in pyext."""
