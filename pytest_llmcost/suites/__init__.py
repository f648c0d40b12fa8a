"""What is asked: bench files, read with their line numbers."""
