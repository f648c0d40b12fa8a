"""A local model that cannot be asked says what to do about it."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_llmcost.calls.providers.local import LocalProvider
from pytest_llmcost.calls.weights.find import find_weights
from pytest_llmcost.calls.weights.folder import ModelFolder
from pytest_llmcost.domain.errors import CallError, SettingsError
from pytest_llmcost.domain.request import Endpoint, Request

REQUEST = Request(Endpoint("local/smollm2-135m"), ({"role": "user", "content": "Hi"},), {"max_tokens": 4})


def test_missing_weights_are_answered_with_the_one_command_that_gets_them(tmp_path: Path) -> None:
    error = _fault(lambda name: find_weights(name, ModelFolder(tmp_path), tmp_path))

    assert (error.kind, error.is_retryable, error.may_be_billed) == ("no weights", False, False)
    assert str(error).endswith("\nGet them with: llmcost models pull smollm2-135m")


def test_a_missing_engine_is_answered_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)

    error = _fault(lambda _: tmp_path / "never opened.gguf")

    assert error.kind == "not installed"
    assert "pip install 'pytest-llmcost[local]'" in str(error)


def test_weights_that_do_not_load_are_named_by_path_and_digest(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(1000))

    error = _fault(lambda _: broken)

    assert error.kind == "bad weights"
    assert str(broken) in str(error)
    assert hashlib.sha256(broken.read_bytes()).hexdigest() in str(error)


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", ""])
def test_a_number_of_threads_that_is_none_is_a_wrong_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    pytest.importorskip("xllamacpp")
    monkeypatch.setenv("LLMCOST_LOCAL_THREADS", text)

    with pytest.raises(SettingsError, match="a whole number from 1"):
        asyncio.run(LocalProvider(lambda _: tmp_path / "never opened.gguf")(REQUEST))


def test_a_provider_that_was_never_asked_closes_at_once() -> None:
    asyncio.run(LocalProvider(lambda name: Path(name)).aclose())


def _fault(find: Callable[[str], Path]) -> CallError:
    with pytest.raises(CallError) as caught:
        asyncio.run(LocalProvider(find)(REQUEST))
    assert caught.value.model == "local/smollm2-135m"
    return caught.value
