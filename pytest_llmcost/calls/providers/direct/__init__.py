"""OpenAI, its like, and Anthropic, asked without a library in between: a tenth of litellm's time a call."""
