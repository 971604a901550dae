"""What loads a service, and what it measures."""
