"""OpenAI's form of a chat: what a reply or a fault in it means, whichever client brought it."""
