"""Texts as vectors that lie close where the texts mean much the same, and an index that finds the closest."""
