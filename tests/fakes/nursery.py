"""Asking processes by the dozen: one Python that has imported everything forks each of them, in milliseconds.

    with Nursery(tmp_path, server.base) as nursery:
        pids = nursery.start("0.05", [["a", "b"], ["b", "c"]], "run-1")
        os.kill(pids[0], signal.SIGKILL)
        nursery.wait()

Each asks for all its texts at once through the whole calling chain, at a cent a request, with one account and one
cache for all. `redis` gives each a machine of its own instead, which shares nothing but the budget there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from fakes.process import start_python

CODE = """
import sys
from fakes.nursery import serve
serve(*sys.argv[1:])
"""

LEASE_GRACE_SECONDS = 0.3
"""As `budget.GRACE_SECONDS`, for processes that are dead indeed."""


class Nursery:
    """Starts asking processes, and waits for their end; its folder holds their account and cache."""

    def __init__(self, folder: Path, base: str) -> None:
        self._process = start_python(CODE, folder, base, stdin=-1)

    def __enter__(self) -> Self:
        assert self._say() == "ready", self._process.communicate()[1]
        return self

    def __exit__(self, *_: object) -> None:
        _, err = self._process.communicate(timeout=60)  # the end of its input is its end
        assert not err, err

    def start(
        self, cap: str, asked: Sequence[Sequence[str]], folder: str, redis: str = "", call_seconds: float = 0.5
    ) -> list[int]:
        """Start a process for each list of texts; return their pids."""
        order = {"cap": cap, "asked": asked, "folder": folder, "redis": redis, "call_seconds": call_seconds}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return [int(pid) for pid in json.loads(self._say())]

    def wait(self) -> None:
        """Wait until the last of them has ended, by itself or killed."""
        assert self._say() == "over"

    def _say(self) -> str:
        assert self._process.stdout is not None
        return str(self._process.stdout.readline()).strip()


def serve(root: str, base: str) -> None:
    """Fork and await processes, as standard input orders them."""
    import os

    from pytest_llmcost.calls import budget, retry
    from pytest_llmcost.calls.cache.disk import DiskStore

    DiskStore(Path(root) / "imported", warn=_fail).close()
    os.environ["OUR_KEY"] = "sk-none"
    budget.GRACE_SECONDS = LEASE_GRACE_SECONDS
    retry.backoff_seconds = lambda *_: 0.01  # nobody is spared by waiting here
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        pids = [_fork(Path(root), base, order, number) for number in range(len(order["asked"]))]
        print(json.dumps(pids), flush=True)
        for pid in pids:
            os.waitpid(pid, 0)
        print("over", flush=True)


def _fork(root: Path, base: str, order: dict[str, Any], number: int) -> int:
    import asyncio
    import os
    import traceback

    if pid := os.fork():
        return pid
    try:
        asyncio.run(_ask(root, base, order, number))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)


async def _ask(root: Path, base: str, order: dict[str, Any], number: int) -> None:
    from decimal import Decimal

    from fakes.complete import gather
    from fakes.prices import FLAT, FixedPrices
    from fakes.store import layers_over

    from pytest_llmcost.calls.account import RUN, Account
    from pytest_llmcost.calls.cache.disk import DiskStore
    from pytest_llmcost.calls.chain import build_chain
    from pytest_llmcost.calls.providers.direct.provider import DirectProvider
    from pytest_llmcost.calls.shared_account import SharedAccount
    from pytest_llmcost.domain.request import Endpoint, Request

    redis = order["redis"]
    folder = root / order["folder"] / (f"machine-{number}" if redis else "")
    folder.mkdir(parents=True, exist_ok=True)
    account = Account(folder / "account.sqlite")
    account.add_budget(RUN, Decimal(order["cap"]))
    shared = SharedAccount(redis, order["folder"]) if redis else None
    store = DiskStore(folder / "cache", warn=_fail)
    provider = DirectProvider()
    chain = build_chain(
        provider,
        store=layers_over(store, warn=_fail),
        mode="auto",
        account=account,
        prices=FixedPrices(FLAT, "openai/small"),
        warn=_fail,
        attempts=2,
        timeout_seconds=order["call_seconds"],
        shared=shared,
        has_peers=not redis,
    )
    endpoint = Endpoint("openai/small", api_base=base, api_key_env="OUR_KEY")
    asked = [({"role": "user", "content": text},) for text in order["asked"][number]]
    requests = [Request(endpoint, messages, {"max_tokens": 8}) for messages in asked]
    ends = await gather(chain, requests)
    _only_expected(ends)
    await provider.aclose()
    if shared is not None:
        await shared.close()
    store.close()
    account.close()


def _only_expected(ends: Sequence[object]) -> None:
    from pytest_llmcost.domain.errors import LlmCostError

    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, LlmCostError):
            raise end


def _fail(message: str) -> None:
    raise AssertionError(message)
