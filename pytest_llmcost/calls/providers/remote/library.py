"""litellm, made quiet: it takes seconds to import, and by itself fetches prices, reads `.env` and prints advice."""

from __future__ import annotations

import logging
import os
import sys
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


async def close_litellm() -> None:
    """Stop litellm's background work and close its clients; call it on the loop that used them."""
    from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER
    from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients

    await GLOBAL_LOGGING_WORKER.stop()
    await close_litellm_async_clients()
