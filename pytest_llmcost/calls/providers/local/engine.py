"""One model, loaded into this process by llama.cpp, and the port that the engine opens on 127.0.0.1."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pytest_llmcost.calls.providers.local import faults
from pytest_llmcost.domain.errors import SettingsError

CONTEXT_TOKENS = 8192
"""The largest context window; a model that was trained on less has its own."""

THREADS_VARIABLE = "LLMCOST_LOCAL_THREADS"

Body = Mapping[str, Any]


class Engine:
    """A loaded model. Its methods block and are called by one thread at a time.

    Args:
        model: The name that errors speak of.
        weights: A GGUF file.

    Attributes:
        port: Where it listens on 127.0.0.1, for those who know its key.

    Raises:
        CallError: If the engine is not installed or cannot load the file.
        SettingsError: If `LLMCOST_LOCAL_THREADS` is no positive whole number.
    """

    def __init__(self, model: str, weights: Path) -> None:
        self.model = model
        self._key = secrets.token_urlsafe(32)
        try:
            self._states = tempfile.mkdtemp(prefix="llmcost-")
        except OSError as error:
            raise faults.engine_fault(model, error) from error
        # The engine's own threads must have ended when the interpreter goes, whether or not
        # somebody called close(): a finalizer runs at exit, a destructor may not.
        self._held: list[Any] = []
        self._free = weakref.finalize(self, _free, self._held, self._states)
        self._held.append(self._load(weights))
        self.port = urlsplit(self._held[0].listening_address).port

    def complete(self, body: Body) -> dict[str, Any]:
        """Return the reply to a plain-text completion, in OpenAI's form."""
        return self._asked(self._held[0].handle_completions, body)

    def chat(self, body: Body) -> dict[str, Any]:
        """Return the reply to a chat, turned into text by the model's own template."""
        return self._asked(self._held[0].handle_chat_completions, body)

    def post(self, path: str, body: Body) -> dict[str, Any]:
        """Return the reply of the engine's port, for what it offers nowhere else."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", path, json.dumps(body), headers)
            return self._checked(json.loads(connection.getresponse().read()))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise faults.engine_fault(self.model, error) from error
        finally:
            connection.close()

    def forget(self, state: str) -> None:
        """Remove a state that the engine saved under that file name."""
        Path(self._states, state).unlink(missing_ok=True)

    def close(self) -> None:
        """Unload the model, end the engine's threads and remove its saved states."""
        self._free()

    def _asked(self, handle: Callable[[dict[str, Any]], Any], body: Body) -> dict[str, Any]:
        try:
            return self._checked(handle(dict(body)))
        except (ValueError, RuntimeError) as error:
            raise faults.engine_fault(self.model, error) from error

    def _checked(self, reply: Any) -> dict[str, Any]:
        if not isinstance(reply, dict):
            raise faults.engine_fault(self.model, f"it replied {reply!r}")
        error = reply.get("error")
        if error is not None:
            raise faults.refused(self.model, error if isinstance(error, dict) else {"message": error})
        return reply

    def _load(self, weights: Path) -> Any:
        try:
            import xllamacpp
        except ImportError as error:
            raise faults.not_installed(self.model) from error
        try:
            return xllamacpp.Server(self._settings(xllamacpp.CommonParams(), weights))
        except (RuntimeError, ValueError) as error:
            raise faults.bad_weights(self.model, weights) from error

    def _settings(self, params: Any, weights: Path) -> Any:
        params.model.path = str(weights)
        params.verbosity = 0
        params.offline = True
        params.api_keys = [self._key]  # the port is open to every user of this machine
        params.slot_save_path = self._states + os.sep
        params.n_ctx = CONTEXT_TOKENS
        params.n_parallel = 1
        params.n_gpu_layers = 0
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads()
        # What follows makes an answer depend on its request alone, not on the calls before
        # it or on the memory that happens to be free.
        params.cache_prompt = False
        params.cache_ram_mib = 0
        params.n_ctx_checkpoints = 0
        params.fit_params = False
        return params


def threads() -> int:
    """Return how many threads the engine computes with: 1, unless the environment says more.

    Two are twice as fast on a quiet machine and collapse when cores are shared. Another
    number moves the last bits of log-probabilities.

    Raises:
        SettingsError: If the variable holds anything but a positive whole number.
    """
    text = os.environ.get(THREADS_VARIABLE, "1")
    if not text.isdecimal() or int(text) < 1:
        raise SettingsError(f"{THREADS_VARIABLE} is {text!r}: a whole number from 1 is needed.", key=THREADS_VARIABLE)
    return int(text)


def _free(held: list[Any], states: str) -> None:
    held.clear()
    shutil.rmtree(states, ignore_errors=True)
