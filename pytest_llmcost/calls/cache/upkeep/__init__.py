"""Caches looked through, thinned and set right: by commands, and at the end of a run."""
