"""What may stand in a suite: one table a mapping, from which everything about its keys is derived."""
