"""A trial in JSON's types, as run files hold it and processes tell it, and back again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pytest_llmcost.domain.avoided import Avoided
from pytest_llmcost.domain.context import Passage
from pytest_llmcost.domain.semantic import Lookup
from pytest_llmcost.domain.trial import Call, Step, Trial
from pytest_llmcost.domain.usage import RARE_TOKEN_KINDS, TOKEN_KINDS, Usage


def trial_line(trial: Trial, *, keep_text: bool) -> dict[str, Any]:
    """Return a trial in JSON's types; its texts (expected, got) only where they may be kept."""
    line = {
        "suite": trial.suite,
        "strategy": trial.strategy,
        "case": trial.case,
        "trial": trial.trial,
        "fp": trial.fingerprint,
        "score": trial.score,
        "correct": trial.correct,
        "error": trial.error,
        "usd": float(trial.usd),
        "paid_usd": float(trial.paid_usd),
        "seconds": round(trial.seconds, 6),
        "answer_sha256": trial.answer_sha256,
        "calls": [_call_line(call) for call in trial.calls],
    }
    if trial.shared:
        line["shared"] = [_call_line(call) for call in trial.shared]
    for name in ("flags", "error_kind", "not_run"):
        if getattr(trial, name):
            line[name] = getattr(trial, name)
    if trial.confidence is not None:
        line["confidence"] = round(trial.confidence, 6)
    if trial.steps:
        line["steps"] = [_step_line(step) for step in trial.steps]
    if trial.passages is not None:
        line["passages"] = [_passage_line(passage, keep_text=keep_text) for passage in trial.passages]
    if trial.lookups:
        line["lookups"] = [_lookup_line(lookup) for lookup in trial.lookups]
    if trial.avoided:
        line["avoided"] = [_avoided_line(one) for one in trial.avoided]
    if keep_text:
        line |= {"expected": list(trial.expected), "got": trial.got}
    return line


def trial_of(line: Mapping[str, Any]) -> Trial:
    """Return the trial that a line holds.

    Raises:
        KeyError, TypeError, ValueError, InvalidOperation, InvalidUsage: If it is no such line.
    """
    return Trial(
        suite=line["suite"],
        strategy=line["strategy"],
        case=line["case"],
        trial=line["trial"],
        fingerprint=line["fp"],
        score=line["score"],
        correct=line["correct"],
        error=line["error"],
        calls=tuple(_call_of(call) for call in line["calls"]),
        paid_usd=_usd(line["paid_usd"]),
        answer_sha256=line["answer_sha256"],
        shared=tuple(_call_of(call) for call in line.get("shared", ())),
        flags=tuple(line.get("flags", ())),
        error_kind=line.get("error_kind", ""),
        not_run=line.get("not_run", ""),
        expected=tuple(line.get("expected", ())),
        got=line.get("got"),
        confidence=line.get("confidence"),
        steps=tuple(_step_of(step) for step in line.get("steps", ())),
        passages=tuple(Passage(**passage) for passage in line["passages"]) if "passages" in line else None,
        lookups=tuple(_lookup_of(lookup) for lookup in line.get("lookups", ())),
        avoided=tuple(Avoided(one["by"], one["calls"], _usd_or_none(one["usd"])) for one in line.get("avoided", ())),
    )


def _passage_line(passage: Passage, *, keep_text: bool) -> dict[str, Any]:
    line = dataclasses.asdict(passage)
    if not keep_text:
        del line["text"]
    return line


def _avoided_line(one: Avoided) -> dict[str, Any]:
    return {"by": one.by, "calls": one.calls, "usd": None if one.usd is None else float(one.usd)}


def _usd_or_none(value: float | None) -> Decimal | None:
    return None if value is None else _usd(value)


def _step_line(step: Step) -> dict[str, Any]:
    stated = {"confidence": step.confidence, "seconds": step.seconds or None}
    rest = {name: round(value, 6) for name, value in stated.items() if value is not None}
    return {"step": step.name, "calls": step.calls, **rest}


def _step_of(line: Mapping[str, Any]) -> Step:
    return Step(line["step"], line["calls"], line.get("confidence"), line.get("seconds", 0.0))


def _lookup_line(lookup: Lookup) -> dict[str, Any]:
    stated = {"source": lookup.source, "similarity": lookup.similarity, "guard": lookup.guard}
    rest = {name: value for name, value in stated.items() if value not in ("", None)}
    return {"seconds": round(lookup.seconds, 6), **rest}


def _lookup_of(line: Mapping[str, Any]) -> Lookup:
    return Lookup(line["seconds"], line.get("source", ""), line.get("similarity"), line.get("guard", ""))


def _call_line(call: Call) -> dict[str, Any]:
    return {
        "model": call.model,
        **{kind: getattr(call.usage, kind) for kind in TOKEN_KINDS},
        **{kind: count for kind in RARE_TOKEN_KINDS if (count := getattr(call.usage, kind))},
        **({"is_estimated": True} if call.usage.is_estimated else {}),
        "attempts": call.attempts,
        "seconds": round(call.seconds, 6),
        **_pace(call),
        "cached": call.cached,
        **({"origin": call.origin} if call.origin else {}),
        "usd": float(call.usd),
        "paid_usd": float(call.paid_usd),
        "key": call.key,
    }


def _pace(call: Call) -> dict[str, float]:
    """Return what is known of a streamed answer's speed; tokens a second are there for readers, and not read back."""
    pace = {"ttft_seconds": call.ttft_seconds, "tokens_per_second": call.tokens_per_second}
    return {name: round(value, 6) for name, value in pace.items() if value is not None}


def _call_of(line: Mapping[str, Any]) -> Call:
    counts = {kind: line[kind] for kind in TOKEN_KINDS} | {kind: line.get(kind, 0) for kind in RARE_TOKEN_KINDS}
    return Call(
        model=line["model"],
        usage=Usage(**counts, is_estimated=line.get("is_estimated", False)),
        seconds=line["seconds"],
        usd=_usd(line["usd"]),
        paid_usd=_usd(line["paid_usd"]),
        attempts=line["attempts"],
        cached=line["cached"],
        key=line["key"],
        ttft_seconds=line.get("ttft_seconds"),
        origin=line.get("origin", ""),
    )


def _usd(value: float) -> Decimal:
    # The shortest text of a float is the number that was written; a price per hour may have had more digits.
    return Decimal(str(value))
