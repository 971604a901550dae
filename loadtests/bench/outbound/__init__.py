"""What an HTTP client's life cycle costs without load: `python -m outbound --help` in loadtests/bench."""
