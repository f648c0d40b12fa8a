"""Looking things up: documents are cut into passages, the nearest are compressed, and put before the question."""
