"""What other packages add: told by hooks, checked once, and handed on as one value."""
