"""Answers that were paid for, kept."""
