"""What a module does with its clients."""
