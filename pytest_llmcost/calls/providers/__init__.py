"""The ends of the chain: where a request meets a model."""
