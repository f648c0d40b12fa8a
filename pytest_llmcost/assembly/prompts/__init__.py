"""What prompts cost and could do without: from files and suites to what is told of them."""
