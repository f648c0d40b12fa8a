"""How much is asked at once and a minute: the configuration's limits, and a process's share of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.calls.flow.limits import FlowLimits
from pytest_llmcost.calls.flow.traffic import Traffic
from pytest_llmcost.calls.providers.dispatch import LOCAL


def shared(settings: Settings, processes: int) -> Settings:
    """Return the settings of one of so many processes: concurrency and limits are divided among them.

    Each may make one call at once at least: more processes than calls allowed exceed what is allowed.
    """
    return dataclasses.replace(
        settings,
        concurrency=max(1, settings.concurrency // processes),
        limits={name: limits.share(processes) for name, limits in settings.limits.items()},
    )


def traffic_of(settings: Settings, models: Models, warn: Callable[[str], None]) -> Traffic:
    """Return the lanes of a process; a local model answers one call at a time, as its engine has one thread."""
    return Traffic(
        {**settings.limits, LOCAL: FlowLimits(in_flight=1)},
        in_flight=settings.concurrency,
        patience_seconds=settings.timeout_seconds,
        warn=warn,
        provider_of=models.provider_of,
    )
