"""Which providers there are, by the variables that hold their keys; a key's value is never looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

TIERS = ("frontier", "mid", "cheap")


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of models.

    Attributes:
        name: As models are named: what stands before the first slash.
        variables: Any one of them holds the key.
        models: What to start with, in the order of `TIERS`; empty where nothing can be proposed.
        note: What else has to be known.
    """

    name: str
    variables: tuple[str, ...]
    models: tuple[str, ...] = ()
    note: str = ""

    @property
    def tiers(self) -> dict[str, str]:
        """The proposed models by tier."""
        return {tier: model for tier, model in zip(TIERS, self.models, strict=False) if model}


PROVIDERS = (
    Provider("openai", ("OPENAI_API_KEY",), ("openai/gpt-4.1", "openai/gpt-4.1-mini", "openai/gpt-4o-mini")),
    Provider(
        "anthropic",
        ("ANTHROPIC_API_KEY",),
        ("anthropic/claude-opus-4-6", "anthropic/claude-sonnet-4-6", "anthropic/claude-haiku-4-5"),
    ),
    Provider(
        "gemini",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        ("gemini/gemini-2.5-pro", "gemini/gemini-2.5-flash", "gemini/gemini-2.5-flash-lite"),
    ),
    Provider(
        "mistral",
        ("MISTRAL_API_KEY",),
        ("mistral/mistral-large-latest", "mistral/mistral-small-latest", "mistral/ministral-8b-latest"),
    ),
    Provider("groq", ("GROQ_API_KEY",), ("groq/openai/gpt-oss-120b", "", "groq/openai/gpt-oss-20b")),
    Provider("deepseek", ("DEEPSEEK_API_KEY",), ("deepseek/deepseek-v4-pro", "", "deepseek/deepseek-v4-flash")),
    Provider(
        "openrouter",
        ("OPENROUTER_API_KEY",),
        ("openrouter/openai/gpt-4.1", "openrouter/openai/gpt-4.1-mini", "openrouter/openai/gpt-4o-mini"),
    ),
    Provider(
        "azure",
        ("AZURE_API_KEY",),
        ("azure/gpt-4.1", "azure/gpt-4.1-mini", "azure/gpt-4.1-nano"),
        note="azure/NAME is your deployment's name; AZURE_API_BASE and AZURE_API_VERSION are needed, too",
    ),
    Provider("xai", ("XAI_API_KEY",)),
    Provider("cohere", ("COHERE_API_KEY", "CO_API_KEY")),
    Provider("together_ai", ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY")),
    Provider("fireworks_ai", ("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY")),
    Provider("perplexity", ("PERPLEXITYAI_API_KEY",)),
    Provider("huggingface", ("HF_TOKEN", "HUGGINGFACE_API_KEY")),
    Provider("bedrock", ("AWS_ACCESS_KEY_ID",)),
)
"""In the order in which they are proposed."""


def key_names(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the key variables that are set."""
    return tuple(name for provider in PROVIDERS for name in provider.variables if is_set(name, environment))


def providers_at_hand(environment: Mapping[str, str]) -> Iterator[Provider]:
    """Yield the providers whose key is set."""
    for provider in PROVIDERS:
        if any(is_set(name, environment) for name in provider.variables):
            yield provider


def is_set(variable: str, environment: Mapping[str, str]) -> bool:
    """Whether a variable holds anything but blanks."""
    return bool(environment.get(variable, "").strip())
