"""The pytest door: hooks that delegate. Without `--llm-budget` nothing is collected, imported or asked."""

from __future__ import annotations

import pytest

from pytest_llmcost.plugin import options, stdout
from pytest_llmcost.plugin.fixtures import llm, llm_cascade, llm_costs, llm_router, llm_score
from pytest_llmcost.plugin.termination import end_on_sigterm

__all__ = [
    "llm",
    "llm_cascade",
    "llm_costs",
    "llm_router",
    "llm_score",
    "pytest_configure",
    "pytest_load_initial_conftests",
]

stdout.stand_in()  # as early as this: pytest puts back at its end what it found at its start


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Add the options here, where every other plugin's are known, whichever loaded first."""
    options.add_options(early_config, parser, args)


def pytest_configure(config: pytest.Config) -> None:
    """Take part in this run only where `--llm-budget` asks for it."""
    options.register_markers(config)
    if options.is_on(config):
        from pytest_llmcost.plugin.active import ActivePlugin

        config.option.continue_on_collection_errors = True
        active = ActivePlugin.start(config)
        config.pluginmanager.register(active, "llmcost-active")
        config.pluginmanager.register(active.progress, "llmcost-progress")
        end_on_sigterm(config)
