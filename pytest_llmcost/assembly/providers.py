"""All who can ask a model, each made when the first request is for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.calls.providers.dispatch import DIRECT, LITELLM, LOCAL, Directory, Dispatch, choose_provider
from pytest_llmcost.calls.providers.foreign import ForeignProvider
from pytest_llmcost.domain.protocols import Complete, Provider
from pytest_llmcost.domain.request import Endpoint, Request

Observe = Callable[[Endpoint, Mapping[str, str]], None]


def providers_of(
    settings: Settings, directory: Directory, foreign: Mapping[str, Complete], observe: Observe
) -> Dispatch:
    """Return what sends each request to whom it is for.

    Args:
        settings: The project's.
        directory: What is known of models beside their prices.
        foreign: Other packages' ways to ask, by prefix.
        observe: Told the headers of each reply: a provider says there how much it still takes.
    """

    def choose(request: Request) -> str:
        chosen = choose_provider(request, directory, foreign)
        return LITELLM if settings.transport == LITELLM and chosen in DIRECT else chosen

    makers: dict[str, Callable[[], Provider]] = {name: partial(ForeignProvider, ask) for name, ask in foreign.items()}
    makers |= {name: partial(_direct, name, observe) for name in DIRECT}
    makers |= {LOCAL: partial(_local, settings), LITELLM: partial(_litellm, observe)}
    return Dispatch(makers, choose)


def _local(settings: Settings) -> Provider:
    from pytest_llmcost.calls.providers.local import LocalProvider
    from pytest_llmcost.calls.weights.find import find_weights
    from pytest_llmcost.calls.weights.folder import ModelFolder, models_folder

    folder = ModelFolder(models_folder())
    return LocalProvider(lambda name: find_weights(name, folder, settings.root))


def _direct(name: str, observe: Observe) -> Provider:
    from pytest_llmcost.calls.providers.direct.dialect import DIALECTS
    from pytest_llmcost.calls.providers.direct.provider import DirectProvider

    return DirectProvider(dialect=DIALECTS[name], observe=observe)


def _litellm(observe: Observe) -> Provider:
    from pytest_llmcost.calls.providers.remote.provider import LiteLLMProvider

    return LiteLLMProvider(observe)
