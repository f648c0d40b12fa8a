"""OpenAI, and servers that speak as it does, asked without a library in between: a tenth of litellm's time a call."""
