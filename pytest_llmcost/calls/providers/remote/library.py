"""litellm, made quiet: it takes seconds to import, and by itself fetches prices, reads `.env` and prints advice."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from pytest_llmcost.calls.providers.remote.wire import watch_transport

_BEFORE_IMPORT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it fetches its price map at import
    "LITELLM_MODE": "PRODUCTION",  # else it loads the project's .env into the environment
}
_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")


def load_litellm() -> Any:
    """Import litellm and return it, silent; blocks for seconds the first time.

    Where the user's own code imported it before, its settings of `drop_params` and
    `modify_params` stay: they are part of what is tested.
    """
    os.environ.update(_BEFORE_IMPORT)
    is_ours = "litellm" not in sys.modules
    with _warnings_held():
        import litellm

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    for name in _LOGGERS:
        logging.getLogger(name).disabled = True
    if is_ours:
        litellm.drop_params = False
        litellm.modify_params = False
    watch_transport()
    return litellm


def callback_base() -> Any:
    """Return litellm's class of callbacks; the application's litellm is left as it is."""
    with _warnings_held():
        from litellm.integrations.custom_logger import CustomLogger

    return CustomLogger


@contextlib.contextmanager
def _warnings_held() -> Iterator[None]:
    """Ignore warnings meanwhile: where they are errors they would fail every call.

    Not `catch_warnings`: another thread may be inside of one, and each would restore the other's filters.
    """
    before = warnings.filters
    warnings.simplefilter("ignore")
    held = before[0]
    try:
        yield
    finally:
        for filters in (before, warnings.filters):
            with contextlib.suppress(ValueError):
                filters.remove(held)  # type: ignore[attr-defined]


def ignore_its_warnings() -> None:
    """Ignore what litellm and its libraries warn of, from now on; call it before each call.

    They build types and import modules at their first use, and warn then: where warnings are
    errors, calls would fail for it. Once is not enough, as every test of pytest has its own filters.
    """
    warnings.filterwarnings("ignore", module=r"(litellm|pydantic|openai)(\.|$)")


async def close_litellm() -> None:
    """Stop litellm's background work and close its clients; call it on the loop that used them."""
    from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER
    from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients

    await GLOBAL_LOGGING_WORKER.stop()
    await close_litellm_async_clients()
