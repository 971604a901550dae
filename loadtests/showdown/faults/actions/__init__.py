"""What is done to a stack, one function for each action."""
