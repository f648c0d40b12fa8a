"""All who can ask a model, each made when the first request is for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.calls.providers.dispatch import DIRECT, LITELLM, LOCAL, Directory, Dispatch, choose_provider
from pytest_llmcost.calls.providers.foreign import ForeignProvider
from pytest_llmcost.domain.protocols import Complete, Provider
from pytest_llmcost.domain.request import Request


def providers_of(settings: Settings, directory: Directory, foreign: Mapping[str, Complete]) -> Dispatch:
    """Return what sends each request to whom it is for.

    Args:
        settings: The project's.
        directory: What is known of models beside their prices.
        foreign: Other packages' ways to ask, by prefix.
    """

    def choose(request: Request) -> str:
        chosen = choose_provider(request, directory, foreign)
        return LITELLM if settings.transport == LITELLM and chosen == DIRECT else chosen

    makers: dict[str, Callable[[], Provider]] = {name: partial(ForeignProvider, ask) for name, ask in foreign.items()}
    makers |= {LOCAL: partial(_local, settings), DIRECT: _direct, LITELLM: _litellm}
    return Dispatch(makers, choose)


def _local(settings: Settings) -> Provider:
    from pytest_llmcost.calls.providers.local import LocalProvider
    from pytest_llmcost.calls.weights.find import find_weights
    from pytest_llmcost.calls.weights.folder import ModelFolder, models_folder

    folder = ModelFolder(models_folder())
    return LocalProvider(lambda name: find_weights(name, folder, settings.root))


def _direct() -> Provider:
    from pytest_llmcost.calls.providers.direct.provider import DirectProvider

    return DirectProvider()


def _litellm() -> Provider:
    from pytest_llmcost.calls.providers.remote.provider import LiteLLMProvider

    return LiteLLMProvider()
