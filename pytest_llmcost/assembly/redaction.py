"""What must not be stored: matches of the configured patterns, and in files for others also this machine's keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.calls.redact import redacting
from pytest_llmcost.domain.completion import Completion

_SECRET = re.compile(r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD)$")
"""How the names of variables end that hold a secret."""
_FEWEST_LETTERS = 8
"""Of a secret: a shorter value may be any word of an answer."""


def redaction_of(settings: Settings, environment: Mapping[str, str]) -> Callable[[Completion], Completion]:
    """Return what takes the project's patterns and this machine's secrets out of an answer."""
    named = {model.api_key_env for model in settings.models.values()}
    secrets = [
        value
        for name, value in environment.items()
        if (name in named or _SECRET.search(name)) and len(value) >= _FEWEST_LETTERS
    ]
    return redacting(settings.redact, sorted(secrets, key=len, reverse=True))
