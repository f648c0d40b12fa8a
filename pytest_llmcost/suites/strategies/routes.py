"""Routes and cases fit together: what a route goes by is there, and every case has somewhere to go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_llmcost.domain.plan import COMPLEXITY, LEVELS, Foreign, Route
from pytest_llmcost.domain.policy import kinds_of_case
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.suites.strategies.resolved import Resolved
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import Node
from pytest_llmcost.suites.tree.report import Report, did_you_mean, shown


@dataclass(frozen=True, slots=True)
class Keys:
    """What routes and confidences read of a case, beside what templates do.

    Attributes:
        fields: By name.
        are_coded: Whether a function reads what it likes.
    """

    fields: frozenset[str]
    are_coded: bool

    @classmethod
    def of(cls, strategies: Sequence[Resolved]) -> Keys:
        """Return what *strategies* read."""
        keys = [route.by for _, route in _routes(strategies)]
        measured = (leaf.confidence for one in strategies for leaf in one.leaves())
        kinds = {key.kind for key in keys} | {one.kind for one in measured if one is not None}
        is_foreign = any(isinstance(plan, Foreign) for one in strategies for _, plan in one.plans())
        return cls(frozenset(key.name for key in keys if key.kind == "field"), "python" in kinds or is_foreign)

    def beside(self, variables: set[str] | None) -> set[str] | None:
        """Return the fields that are read, together with a template's *variables*; None: that cannot be told."""
        return None if variables is None else {*variables, *self.fields}


def check_routes(strategies: Sequence[Resolved], cases: Mapping[Node, Case], report: Report) -> None:
    """Report routes by what no case has, and cases (by their place) for which a route has no strategy."""
    for section, route in {id(section): (section, route) for section, route in _routes(strategies)}.values():
        if route.by.kind == "field":
            _check_field(section, route, cases, report)
        elif route.otherwise is None and (route.by.kind == "python" or not route.to.keys() >= LEVELS.keys()):
            what = "its function may fail" if route.by.kind == "python" else "some level has no strategy"
            report.add(section.node, f"the route has no 'otherwise', and {what}. Add it: otherwise: mid")


def _check_field(section: Section, route: Route[Resolved], cases: Mapping[Node, Case], report: Report) -> None:
    name = route.by.name
    values = {place: list(kinds_of_case(case, name)) for place, case in cases.items()}
    if cases and not any(values.values()) and name != COMPLEXITY:
        known = {*(field for case in cases.values() for field in (*case.fields, *case.meta)), "tags", "group"}
        advice = did_you_mean(name, known) or f". There are {', '.join(map(shown, sorted(known)[:10]))}"
        report.add(section.at("by"), f"no case has {shown(name)}, which the route goes by{advice}")
        return
    astray = [(place, own) for place, own in values.items() if _is_astray(route, own)]
    for place, own in astray[:1]:
        what = f"{shown(name)} is {', '.join(map(shown, own))}" if own else f"it has no {shown(name)}"
        others = f"; {len(astray):,} cases have none" if len(astray) > 1 else ""
        report.add(place, f"no strategy for this case: {what}. Add it to the route, or 'otherwise'{others}")


def _is_astray(route: Route[Resolved], values: Sequence[str]) -> bool:
    if not values and route.by.name == COMPLEXITY:  # (any level may be estimated)
        return route.otherwise is None and not route.to.keys() >= LEVELS.keys()
    return route.pick(values) is None


def _routes(strategies: Iterable[Resolved]) -> Iterator[tuple[Section, Route[Resolved]]]:
    """Yield all routes, each with the section that holds it."""
    for one in strategies:
        for resolved, plan in one.plans():
            if isinstance(plan, Route):
                yield resolved.chain[-1].get("route"), plan
