"""One request goes ahead with a prefix; the others follow once it has come back."""

from __future__ import annotations

import asyncio

from fakes.complete import After, ScriptedComplete, completion, failure, gather, request

from pytest_llmcost.calls.prefix_first import PrefixFirst
from pytest_llmcost.domain.request import Request

SYSTEM = {"role": "system", "content": "Sort."}


def asked(text: str, system: str = "Sort.", kept: str = "marked") -> Request:
    messages = ({**SYSTEM, "content": system}, {"role": "user", "content": text})
    return request(messages=messages, prefix_messages=1, prefix_cache=kept)


def in_order(*requests: Request, outcomes: tuple[object, ...] = ()) -> list[str]:
    """Send all at once, each taking its time, and say what began and ended when."""
    log: list[str] = []

    async def model(one: Request) -> object:
        log.append(f"+{one.messages[-1]['content']}")
        await asyncio.sleep(0.005)
        log.append(f"-{one.messages[-1]['content']}")
        return completion()

    asyncio.run(gather(PrefixFirst(model), requests))  # type: ignore[arg-type]
    return log


def test_the_first_goes_ahead_and_all_others_go_together() -> None:
    assert in_order(*map(asked, "abc")) == ["+a", "-a", "+b", "+c", "-b", "-c"]


def test_nobody_waits_for_another_prefix_or_without_being_told_to_keep_one() -> None:
    others = (asked("a"), asked("b", system="Judge."), asked("c", kept=""))
    assert in_order(*others)[:3] == ["+a", "+b", "+c"]


def test_where_the_first_fails_the_others_are_asked_all_the_same() -> None:
    model = ScriptedComplete(After(0.001, failure()), completion())

    outcomes = asyncio.run(gather(PrefixFirst(model), [asked("a"), asked("b"), asked("c")]))

    assert [getattr(outcome, "text", "failed") for outcome in outcomes] == ["failed", "yes", "yes"]
