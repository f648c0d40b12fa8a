"""Is it worse: a run against a baseline."""
