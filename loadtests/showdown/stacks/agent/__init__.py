"""What runs on the hosts of a cloud stack."""
