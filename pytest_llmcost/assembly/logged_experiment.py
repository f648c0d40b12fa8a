"""An experiment in production, read from the ledger: variants, users, what was said of their answers, what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pytest_llmcost.assembly.experiment import CONTROL, TREATMENT, Arm, Experiment, ExperimentError
from pytest_llmcost.assembly.opened_ledger import opened_ledger
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.reports.experiments import Logged
from pytest_llmcost.reports.safe import named, visible

if TYPE_CHECKING:
    from pytest_llmcost.costs.ledger.judged import Judged

_MOST_NAMED = 5


def read_logged_experiment(settings: Settings, place: str | None, experiment: str, source: str) -> Experiment:
    """Return what a ledger has of an experiment.

    Args:
        settings: Their ledger is read, unless *place* is another one's URL or path.
        place: See there.
        experiment: Its name.
        source: Whose outcomes count; empty: of each call the last one.

    Raises:
        SettingsError, LedgerError: If there is no ledger, or it cannot be read.
        ExperimentError: If it has other variants, too few users, or a user has both variants.
    """
    from pytest_llmcost.costs.ledger.judged import judged

    with opened_ledger(settings, place) as ledger, ledger.reading() as connection:
        users = judged(connection, experiment, source)
    _check(f"experiment '{visible(experiment)}'", users)
    why_no_cost = _why_no_cost(users)
    sides = {variant: [user for user in users if user.variant == variant] for variant in (TREATMENT, CONTROL)}
    return Experiment(
        {variant: _arm(side, has_costs=not why_no_cost) for variant, side in sides.items()},
        {variant: _logged(side) for variant, side in sides.items()},
        why_no_cost,
    )


def _check(name: str, users: Sequence[Judged]) -> None:
    if not users:
        raise ExperimentError(
            f"{name}: no call of it is in the ledger.\nIts calls are those with its name in their metadata."
        )
    if others := sorted({user.variant for user in users} - {TREATMENT, CONTROL}):
        raise ExperimentError(
            f"{name}: it has calls of the variants {named([repr(other) for other in others], _MOST_NAMED)}: "
            f"{TREATMENT} or {CONTROL} is needed."
        )
    variants: dict[str, str] = {}
    for user in users:
        if variants.setdefault(user.unit, user.variant) != user.variant:
            raise ExperimentError(
                f"{name}: user {user.unit!r} has both variants, so that no difference can be told from it.\n"
                "Assign variants by user (assign_variant)."
            )
    for variant in (TREATMENT, CONTROL):
        found = sum(user.variant == variant and user.judged > 0 for user in users)
        if found < 2:
            raise ExperimentError(
                f"{name}: {found} users of the variant {variant!r} have an outcome, at least 2 are needed."
            )


def _arm(users: Sequence[Judged], *, has_costs: bool) -> Arm:
    errors = tuple(1 - user.good / user.judged for user in users if user.judged)
    return Arm(errors, tuple(user.usd for user in users) if has_costs else ())


def _logged(users: Sequence[Judged]) -> Logged:
    return Logged(
        calls=sum(user.calls for user in users),
        without_outcome=sum(user.calls - user.judged for user in users),
        failed=sum(user.failed for user in users),
        unpriced_failed=sum(user.unpriced_failed for user in users),
    )


def _why_no_cost(users: Sequence[Judged]) -> str:
    return next(_reasons(users), "")


def _reasons(users: Sequence[Judged]) -> Iterator[str]:
    if unpriced := sum(user.unpriced for user in users):
        yield f"the cost of {unpriced:,} answered {'call' if unpriced == 1 else 'calls'} is not known"
    if any(user.later and not user.has_user for user in users):
        yield "steps of a cascade are logged without a user, so that nobody knows which of them belong together"
