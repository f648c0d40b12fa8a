"""The log of every live call, in a database: written off the hot path, read by instants."""
