"""A first configuration as text, and the line that keeps the cache out of git."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from pytest_llmcost.cli.init.choice import Proposal
from pytest_llmcost.cli.keys import PROVIDERS

IGNORED = ".llmcost/"
_SAME = {".llmcost", "/.llmcost", ".llmcost/", "/.llmcost/", "**/.llmcost", "**/.llmcost/", ".llmcost/*", ".llmcost/**"}


def settings_text(proposal: Proposal) -> str:
    """Return an `llmcost.toml`."""
    head = (
        "# What the suites below this folder share; the README of pytest-llmcost has all keys.",
        "max_cost_usd = 1.00               # the most that a run may spend; 0 allows replays alone",
        "",
    )
    return "\n".join([*head, *proposal_lines(proposal, ""), ""])


def proposal_lines(proposal: Proposal, table: str) -> Iterator[str]:
    """Yield the proposal's tables; *table* is what they stand below: nothing, or `tool.llmcost.`."""
    yield f"[{table}tiers]"
    yield from (f"{tier} = {json.dumps(model)}" for tier, model in proposal.tiers.items())
    if proposal.provider is None:
        yield from ("# with a key in the environment, also:", *(f"# {line}" for line in _later()))
    elif proposal.provider.note:
        yield f"# {proposal.provider.note}"
    for model, price in proposal.prices.items():
        yield from (
            "",
            f"[{table}prices.{json.dumps(model)}]",
            "# USD per million tokens, its maker's: check it",
        )
        yield from (f"{kind} = {usd}" for kind, usd in price.items())


def _later() -> Iterator[str]:
    first = PROVIDERS[0].tiers
    yield from (f"{tier} = {json.dumps(first[tier])}" for tier in ("frontier", "mid"))


def ignore_file(folder: Path) -> Path | None:
    """Return the `.gitignore` that `.llmcost/` has to be added to; None outside of git, or where it is ignored."""
    start = Path(os.path.abspath(folder))
    places = []
    for place in (start, *start.parents):
        places.append(place / ".gitignore")
        if (place / ".git").exists():
            break
    else:
        return None
    there = [path for path in places if path.is_file()]
    if any(_ignores(path) for path in there):
        return None
    return there[0] if there else places[0]


def ignore(path: Path) -> None:
    """Add `.llmcost/` to a `.gitignore`, which need not be there; its line ends are kept."""
    before = path.read_bytes() if path.exists() else b""
    end = b"\r\n" if b"\r\n" in before else b"\n"
    gap = end if before and not before.endswith(b"\n") else b""
    with path.open("ab") as file:
        file.write(gap + IGNORED.encode() + end)


def _ignores(path: Path) -> bool:
    return any(line.strip() in _SAME for line in path.read_text("utf-8", errors="replace").splitlines())
