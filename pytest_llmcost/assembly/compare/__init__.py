"""Runs, baselines, commits and strategies beside each other."""
