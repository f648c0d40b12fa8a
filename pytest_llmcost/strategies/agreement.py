"""Who says the same each time is more likely right: the answer most often given, and how often that was."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.protocols import Strategy
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.strategies.steps import charging

STRIDE = 1_000
"""Between the numbers of the trials that are asked for one: as many as a suite may repeat a case."""


class Agreeing:
    """Asks several times, takes the answer most often given, and is as sure as that was frequent.

    Of answers that are equally frequent the first one counts; one that could not be parsed
    agrees with nothing.

    Args:
        samples: The strategy as often as it is asked, each to be asked in its own way (another seed).
    """

    def __init__(self, samples: Sequence[Strategy]) -> None:
        self._samples = samples

    async def answer(self, case: Case, trial: int) -> Answer:
        """Return the answer most often given, with all calls.

        Raises:
            CallError: If any of them is not answered.
            BudgetReached: If a call is not allowed.
        """
        answers: list[Answer] = []
        for place, sample in enumerate(self._samples):
            with charging(answers):
                answers.append(await sample.answer(case, trial + place * STRIDE))
        parsed = [answer for answer in answers if answer.value is not None] or answers[:1]
        best, count = _most_frequent(parsed)
        others = [answer for answer in answers if answer is not best]
        return dataclasses.replace(
            best,
            calls=tuple(call for one in (best, *others) for call in one.calls),
            shared=tuple(call for one in answers for call in one.shared),
            lost_usd=sum((one.lost_usd for one in others), best.lost_usd),
            confidence=0.0 if best.value is None else count / len(answers),
        )


def _most_frequent(answers: Sequence[Answer]) -> tuple[Answer, int]:
    """Return the first of the answers that are most frequent, and how often it is there."""
    words = [answer.value if isinstance(answer.value, str) else digest(answer.value) for answer in answers]
    ((word, count),) = Counter(words).most_common(1)
    return answers[words.index(word)], count
