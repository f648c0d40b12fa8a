"""The simplest strategy: one model, asked once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pytest_llmcost.domain.charge import charge_of
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.price import cost_of
from pytest_llmcost.domain.protocols import Complete, PriceList, Render
from pytest_llmcost.domain.request import Request
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer, Call
from pytest_llmcost.strategies.calibrate import Calibration
from pytest_llmcost.strategies.parse import Parse


class Single:
    """Asks one model each case's question and reads the answer.

    Args:
        ask: The calling chain.
        template: The request without its messages; `about` names suite and strategy.
        render: Makes the messages from a case's fields.
        parse: Reads the answer.
        prices: Prices by model: another than the one that was asked may reply.
        labels: The closed set of answers, where there is one.
        calibrate: Whether label probabilities are corrected for the model's bias.
    """

    def __init__(
        self,
        *,
        ask: Complete,
        template: Request,
        render: Render,
        parse: Parse,
        prices: PriceList,
        labels: tuple[str, ...] = (),
        calibrate: bool = False,
    ) -> None:
        self._ask = ask
        self._template = template
        self._render = render
        self._parse = parse
        self._prices = prices
        self._calibration = Calibration(self._call, labels) if calibrate else None

    async def answer(self, case: Case, trial: int) -> Answer:
        """Return the model's answer to *case*.

        Raises:
            CallError: If the model gives none.
            BudgetReached: If the call is not allowed.
        """
        prior = await self._calibration.prior(case.fields) if self._calibration else None
        request = self._request(case.fields, f"{case.id}#{trial}", trial)
        completion, call = accounted(request, await self._ask(request), self._prices)
        parsed = self._parse(completion, prior)
        return Answer(
            value=parsed.value,
            text=completion.text,
            calls=(call,),
            shared=self._calibration.take_calls() if self._calibration else (),
            flags=completion.flags + parsed.flags,
            confidence=parsed.confidence,
            asked=request.messages,
        )

    async def _call(self, fields: Mapping[str, Any], about: str) -> tuple[Completion, Call]:
        request = self._request(fields, about)
        return accounted(request, await self._ask(request), self._prices)

    def _request(self, fields: Mapping[str, Any], about: str, trial: int = 1) -> Request:
        return dataclasses.replace(
            self._template,
            messages=tuple(self._render(fields)),
            trial=trial,
            about=f"{self._template.about}::{about}",
        )


def accounted(request: Request, completion: Completion, prices: PriceList) -> tuple[Completion, Call]:
    """Return the call as the books hold it, and the completion with what must be said of its price."""
    charge = charge_of(request, completion, prices)
    call = Call(
        model=charge.name,
        usage=completion.usage,
        seconds=completion.seconds,
        usd=cost_of(completion.usage, charge.price, completion.seconds),
        paid_usd=completion.paid_usd,
        attempts=completion.attempts,
        cached=completion.cached,
        key=request.key(),
        ttft_seconds=completion.ttft_seconds,
        origin=completion.origin,
        call_id=completion.call_id,
    )
    return dataclasses.replace(completion, flags=(*completion.flags, *charge.flags)), call
