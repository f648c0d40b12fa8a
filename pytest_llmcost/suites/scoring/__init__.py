"""What turns an answer into a score, as a suite writes it, and what that needs of a case."""
