"""What it costs to turn rows into JSON: rowjson beside what Python users have. `python -m bench` in pyext."""
