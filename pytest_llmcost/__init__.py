"""Regression gating of LLM systems in pytest: quality, cost and speed, with honest statistics."""

__version__ = "0.1.0"
