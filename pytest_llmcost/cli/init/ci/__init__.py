"""What `llmcost init --ci` writes: files of a CI system, which need nothing of this package to be read."""
