"""Showing a run and its verdicts."""
