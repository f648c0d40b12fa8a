"""Local models: llama.cpp in this process, for `local/<name>`, with no key and no GPU."""

from pytest_llmcost.calls.providers.local.provider import LocalProvider

__all__ = ["LocalProvider"]
