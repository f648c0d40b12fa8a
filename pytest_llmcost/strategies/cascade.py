"""The cheap one first: its answer is taken if it is sure enough, else the next one is asked."""

from __future__ import annotations

from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.plan import Cascade, CascadeStep
from pytest_llmcost.domain.protocols import Strategy
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer, Step
from pytest_llmcost.strategies.steps import after, charging, is_of_the_case, steps_of


class Cascading:
    """Asks the steps of a cascade in turn.

    An answer whose confidence is not known counts as one without any: it escalates. So does
    a step that fails on the case, unless it is said otherwise; the last one's failure is the
    cascade's.
    """

    def __init__(self, plan: Cascade[Strategy]) -> None:
        self._plan = plan

    async def answer(self, case: Case, trial: int) -> Answer:
        """Return the first answer that is sure enough, with the calls of all steps that were asked.

        Raises:
            CallError: If the last step, or one whose errors are not escalated, gives none.
            BudgetReached: If a call is not allowed.
        """
        passed: list[Answer] = []
        steps: list[Step] = []
        flags: list[str] = []
        *_, last = self._plan.steps
        for step in self._plan.steps:
            with charging(passed):
                try:
                    answer = await step.strategy.answer(case, trial)
                except CallError as error:
                    if step is last or not step.is_error_escalated or not is_of_the_case(error):
                        raise
                    passed.append(Answer(None, "", (), lost_usd=error.paid_usd))
                    steps.append(Step(step.name, 0, seconds=error.seconds))
                    flags.append(f"{step.name} failed ({error.kind}), escalated")
                    continue
            steps += steps_of(step.name, answer)
            if step is last or _is_sure(answer, step):
                break
            passed.append(answer)
            flags += [f"{step.name}: {flag}" for flag in answer.flags]
        return after(answer, passed, flags, steps)


def _is_sure(answer: Answer, step: CascadeStep[Strategy]) -> bool:
    return step.accept is None or (answer.confidence or 0.0) >= step.accept
