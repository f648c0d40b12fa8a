"""What a change is held against: the state that it started from, read from git."""
