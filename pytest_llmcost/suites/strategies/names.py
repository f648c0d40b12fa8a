"""What a name means where a model may be named: a strategy of the suite, one of the configuration, or a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_llmcost.suites.defaults import table_of
from pytest_llmcost.suites.project import Project
from pytest_llmcost.suites.schema.strategy import MODEL, STRATEGY
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.report import Place, Report, did_you_mean, shown
from pytest_llmcost.suites.tree.values import INVALID, read_value

SUITE, CONFIGURATION = "suite", "configuration"

Origin = tuple[str, str]
"""Whose strategy it is, and what it is called there."""


@dataclass(frozen=True, slots=True)
class Found:
    """A strategy that a name means; without a section it is the model of that name, or another package's function."""

    section: Section | None = None
    origin: Origin | None = None
    is_function: bool = False


@dataclass(slots=True)
class Names:
    """The names that a suite may use.

    Attributes:
        own: The suite's strategies.
    """

    own: Mapping[str, Section]
    project: Project
    report: Report
    _told: set[tuple[int, str]] = field(default_factory=set)
    _circles: set[frozenset[str]] = field(default_factory=set)
    _configured: dict[str, Section | None] = field(default_factory=dict)

    def find(self, name: str, key: str, place: Place, trail: tuple[Origin, ...]) -> Found | None:
        """Return what *name* means behind *key*, or None where it means nothing, which is reported.

        Behind `model` a model goes before strategies of that name, behind `use` they go before it. A
        strategy's own name means what it would mean without that strategy; the configuration's
        strategies do not see the suite's.

        Args:
            name: As written.
            key: `model` or `use`.
            place: Where it stands.
            trail: The strategies that lead there, the nearest last.
        """
        if key == MODEL and self._is_model(name):
            return Found()
        for origin in self._origins(name, trail):
            if origin in trail:
                self._tell_circle(place, [*(one for _, one in trail[trail.index(origin) :]), name])
                return None
            section = self._section(origin)
            return None if section is None else Found(section, origin)
        if self._is_model(name):
            return Found()
        if name in self.project.functions:
            return Found(is_function=True)
        if "/" in name:
            self.tell(place, f"model {shown(name)} lacks a half: provider/model is needed")
        else:
            what = "tier" if key == MODEL else "strategy or tier"
            self.tell(place, f"unknown {what} {shown(name)}{self._advice(name)}")
        return None

    def tell(self, place: Place, message: str) -> None:
        """Report what is wrong at *place*, once: a strategy may be used by several."""
        if (id(place), message) not in self._told:
            self._told.add((id(place), message))
            self.report.add(place, message)

    def _origins(self, name: str, trail: tuple[Origin, ...]) -> list[Origin]:
        nearest = trail[-1] if trail else (SUITE, "")
        known = []
        if name in self.own and nearest[0] == SUITE:
            known.append((SUITE, name))
        if name in self.project.strategies:
            known.append((CONFIGURATION, name))
        return [origin for origin in known if origin != nearest]

    def _section(self, origin: Origin) -> Section | None:
        kind, name = origin
        return self.own[name] if kind == SUITE else self.configured(name)

    def configured(self, name: str) -> Section | None:
        """Return what the configuration says of a strategy; None where that is wrong, which is reported."""
        if name not in self._configured:
            tree = table_of(self.project.strategies[name], ("strategies", name), self.project, self.report)
            section = read_value(STRATEGY, tree, f"strategy {shown(name)}", self.report)
            self._configured[name] = None if section is INVALID else section
        return self._configured[name]

    def _is_model(self, name: str) -> bool:
        provider, slash, rest = name.partition("/")
        return name in self.project.models or bool(slash and provider.strip() and rest.strip())

    def _tell_circle(self, place: Place, path: list[str]) -> None:
        circle = frozenset(path)  # (whoever leads into it finds it at another place)
        if circle in self._circles:
            return
        self._circles.add(circle)
        self.tell(place, f"strategies go in a circle: {' -> '.join(path)}. Name a model in one of them")

    def _advice(self, name: str) -> str:
        known = {*self.project.models, *self.project.strategies, *self.own, *self.project.functions} - {name}
        return did_you_mean(name, known) or ". Name it under [tool.llmcost.tiers], or write provider/model"
