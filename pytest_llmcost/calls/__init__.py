"""Asking a model: a chain of wrappers, each a page long."""
