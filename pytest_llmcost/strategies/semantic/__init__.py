"""Answers given before, for questions that mean the same."""
