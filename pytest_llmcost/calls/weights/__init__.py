"""Weights of local models: what is known by name, where it is kept, how it is fetched."""
