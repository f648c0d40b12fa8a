"""OpenAI's chat completions, and the many servers that speak as they do."""
