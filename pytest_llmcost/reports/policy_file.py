"""A policy file is read in review: small, sorted, and beside each rule the evidence for it, as a comment."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.policy import FORMAT, Learned, Policy, Way
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.domain.whole_file import write_whole
from pytest_llmcost.reports.safe import visible

_WIDTH = 118
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})  # (also of older YAML)
_UNPRINTABLE = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def policy_text(policy: Policy, about: Sequence[str], evidence: Mapping[str, str]) -> str:
    """Return a policy as its file holds it.

    Args:
        policy: The rules, and what they were learned from.
        about: What stands above them all, one line of text each.
        evidence: By the value of the policy's `by`, what speaks for its rule.
    """
    lines = [*_comment(about, ""), f"format: {FORMAT}"]
    if policy.by:
        lines += [f"by: {_text(policy.by)}", "to:"]
        for value, way in sorted(policy.ways.items()):
            if value in evidence:
                lines += _comment([evidence[value]], "  ")
            lines += _way(_text(value), way, "  ")
    lines += _way("otherwise", policy.otherwise, "")
    if policy.learned:
        lines += ["learned:", *_learned(policy.learned)]
    return "\n".join(lines) + "\n"


def write_policy(path: Path, text: str) -> None:
    """Write a policy whole or not at all; its folder is made.

    Raises:
        BaselineError: If that cannot be done; what was there before is whole.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            raise OSError("it is no regular file")
        write_whole(path, [text.encode("utf-8")])
    except OSError as error:
        raise BaselineError(f"{path}: the policy cannot be written: {error}", path=str(path)) from error


def _comment(texts: Sequence[str], indent: str) -> Iterator[str]:
    for text in texts:
        shown = visible(text, 10 * _WIDTH)
        yield from textwrap.wrap(shown, _WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")


def _way(key: str, way: Way, indent: str) -> list[str]:
    if len(way) == 1:
        return [f"{indent}{key}: {_text(way[0].use)}"]
    steps = (
        {
            "use": step.use,
            **({} if step.accept is None else {"accept": step.accept}),
            **({} if step.confidence is None else {"confidence": step.confidence}),
        }
        for step in way
    )
    return [f"{indent}{key}:", f"{indent}  cascade:", *(f"{indent}    - {_flow(step)}" for step in steps)]


def _learned(learned: Learned) -> Iterator[str]:
    stated = {"started": learned.started, "commit": learned.commit, "loss": learned.loss}
    for key, value in (stated | {"confidence": learned.confidence, "safe": learned.safe}).items():
        if value != "":
            yield f"  {key}: {_flow(value)}"
    if learned.prices_sha256:
        yield f"  prices: {_flow({'date': learned.prices_date, 'sha256': learned.prices_sha256})}"
    if learned.strategies:
        yield "  strategies:"
    for suite, records in sorted(learned.strategies.items()):
        yield f"    {_text(suite)}:"
        for name, record in sorted(records.items()):
            yield f"      {_text(name)}: {_flow(_record(record))}"
    if learned.requests:
        yield "  month:"
        yield f"    requests: {learned.requests}"
        yield f"    usd: {_amount(learned.usd)}"
        for name, usd in sorted(learned.alone_usd.items()):
            if name == min(learned.alone_usd):
                yield "    alone_usd:"
            yield f"      {_text(name)}: {_amount(usd)}"


def _record(record: StrategyRecord) -> dict[str, Any]:
    prices = {"prices": dict(record.prices)} if record.prices else {}
    return {"fingerprint": record.fingerprint, "model": record.model, **prices}


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    """Return *text* as YAML reads it back: bare where that is safe, else in quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return _UNPRINTABLE.sub(lambda found: f"\\U{ord(found[0]):08x}", json.dumps(text, ensure_ascii=False))


def _amount(usd: float) -> str:
    """Return US dollars to the cent; below one, with two digits that say something."""
    return f"{usd:.2f}" if usd >= 0.1 or not usd else f"{usd:.2g}"
