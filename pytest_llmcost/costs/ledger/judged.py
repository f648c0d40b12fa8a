"""How the users of an experiment fared: their calls, what was said of them, and what they cost."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, case, func, select

from pytest_llmcost.costs.ledger.records import OK
from pytest_llmcost.costs.ledger.schema import api_calls, outcomes

_c = api_calls.c


class Judged(NamedTuple):
    """One user's calls under one variant; of calls without a user each is its own.

    Attributes:
        unit: The user's hash, or the call's id.
        has_user: Whether it is a user.
        judged: Calls with an outcome; `good`: those of them whose last one is good.
        failed: Calls without an answer.
        later: Calls that were a later step of a cascade.
        unpriced: Calls with an answer whose cost is not known.
        unpriced_failed: Those without an answer.
        usd: What is known of the cost of all calls.
    """

    variant: str
    unit: str
    has_user: bool
    calls: int
    judged: int
    good: int
    failed: int
    later: int
    unpriced: int
    unpriced_failed: int
    usd: float


def judged(connection: Connection, experiment: str, source: str = "") -> list[Judged]:
    """Return the users of an experiment, sorted by variant and user.

    Args:
        connection: Of `Ledger.reading`.
        experiment: Its name.
        source: Whose outcomes count; empty: of each call the last one, whoever said it.
    """
    unit = case((_c.user_hash != "", _c.user_hash), else_=_c.call_id).label("unit")
    columns = (_c.variant, unit, _c.user_hash, _c.status, _c.step, _c.cost_usd, _last_word(source).label("ok"))
    # The second condition lets the index be used, which has no calls outside of experiments.
    of = select(*columns).where(_c.experiment == experiment, _c.experiment != "").subquery().c
    failed, unpriced = of.status != OK, of.cost_usd.is_(None)
    query = select(
        of.variant,
        of.unit,
        func.max(of.user_hash),
        func.count(),
        func.count(of.ok),
        func.coalesce(func.sum(of.ok), 0),
        _count(failed),
        _count(of.step > 0),
        _count(and_(unpriced, ~failed)),
        _count(and_(unpriced, failed)),
        func.coalesce(func.sum(of.cost_usd), 0.0),
    )
    rows = connection.execute(query.group_by(of.variant, of.unit).order_by(of.variant, of.unit))
    return [_judged(tuple(row)) for row in rows]


def _judged(row: tuple[Any, ...]) -> Judged:
    variant, unit, user, *counts, usd = row
    return Judged._make((variant, unit, bool(user), *map(int, counts), float(usd)))


def _last_word(source: str) -> ScalarSelect[int]:
    said = select(outcomes.c.ok).where(outcomes.c.call_id == _c.call_id)
    if source:
        said = said.where(outcomes.c.source == source)
    return said.order_by(outcomes.c.timestamp.desc(), outcomes.c.source).limit(1).correlate(api_calls).scalar_subquery()


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
