"""The tables that a suite is read by, written down as JSON Schema: what editors complete is what we read."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatchmethod
from typing import Any

from pytest_llmcost.suites.schema.scoring import BARE, WITH_OPTIONS
from pytest_llmcost.suites.schema.suite import ROOT
from pytest_llmcost.suites.tree.fields import Key, Table
from pytest_llmcost.suites.tree.shapes import ByShape, FlagOr, Later, ListOf, NamedOf
from pytest_llmcost.suites.tree.values import Boolean, Data, Kind, Money, Number, OneOf, Only, Text, Word

Described = dict[str, Any]

_SCALARS = ["string", "number", "boolean"]


def suite_schema(scorers: Iterable[str] = ()) -> Described:
    """Return the JSON Schema (2020-12) of a suite's file.

    It knows forms, not surroundings: tiers, files, the options of other packages' scorers
    and what variables mean are checked when a suite is read.

    Args:
        scorers: Names of other packages' scorers.
    """
    walk = _Walk(tuple(scorers))
    root = walk.describe(ROOT)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A suite of pytest-llmcost: bench_*.yaml",
        **root,
        "$defs": dict(sorted(walk.tables.items())),
    }


class _Walk:
    """Describes kinds; each table once, under its name, so that a scorer may hold scorers."""

    def __init__(self, scorers: tuple[str, ...]) -> None:
        self.tables: dict[str, Described] = {}
        self._scorers = scorers

    @singledispatchmethod
    def describe(self, kind: Kind) -> Described:
        """Return the schema of one kind."""
        raise NotImplementedError(f"{type(kind).__name__} has no description")

    @describe.register
    def _text(self, kind: Text) -> Described:
        return {"type": "string"} if kind.may_be_blank else {"type": "string", "pattern": r"\S"}

    @describe.register
    def _word(self, kind: Word) -> Described:
        bounds: Described = {"maxLength": kind.longest} if kind.longest is not None else {}
        if kind.pattern:
            bounds["pattern"] = f"^(?:{kind.pattern})$"
        if kind.refused:
            bounds["not"] = {"enum": sorted(kind.refused)}
        return {"type": _SCALARS, **bounds}

    @describe.register
    def _number(self, kind: Number) -> Described:
        bounds = {"minimum": kind.low, "maximum": kind.high, "exclusiveMinimum": kind.above}
        stated = {name: bound for name, bound in bounds.items() if bound is not None}
        return {"type": "integer" if kind.is_whole else "number", **stated}

    @describe.register
    def _money(self, kind: Money) -> Described:
        return {"type": "number", "minimum": 0}

    @describe.register
    def _boolean(self, kind: Boolean) -> Described:
        return {"type": "boolean"}

    @describe.register
    def _only(self, kind: Only) -> Described:
        return {"const": kind.value}

    @describe.register
    def _one_of(self, kind: OneOf) -> Described:
        return {"enum": [*kind.options, *(self._scorers if kind is BARE else ())]}

    @describe.register
    def _data(self, kind: Data) -> Described:
        return {}

    @describe.register
    def _later(self, kind: Later) -> Described:
        described = self.describe(kind.kind)
        return {"anyOf": [described, {"type": "null"}]} if kind.may_be_null else described

    @describe.register
    def _flag_or(self, kind: FlagOr) -> Described:
        return {"anyOf": [{"type": "boolean"}, self.describe(kind.number)]}

    @describe.register
    def _list_of(self, kind: ListOf) -> Described:
        bounds = {"minItems": kind.at_least or None, "maxItems": kind.at_most}
        stated = {name: bound for name, bound in bounds.items() if bound is not None}
        return {"type": "array", "items": self.describe(kind.kind), **stated}

    @describe.register
    def _named_of(self, kind: NamedOf) -> Described:
        names = {name: bound for name, bound in self.describe(kind.name).items() if name != "type"}
        about: Described = {"propertyNames": names} if names else {}
        return {"type": "object", "additionalProperties": self.describe(kind.kind), **about}

    @describe.register
    def _by_shape(self, kind: ByShape) -> Described:
        forms = [(kind.scalar, None), (kind.sequence, "array"), (kind.mapping, "object")]
        described = [self.describe(form) or {"type": shape or _SCALARS} for form, shape in forms if form is not None]
        return described[0] if len(described) == 1 else {"anyOf": described}

    @describe.register
    def _table(self, kind: Table) -> Described:
        name = kind.title.removeprefix("a ").removeprefix("an ").replace(" ", "-")
        if name not in self.tables:
            self.tables[name] = {}  # here, before the walk goes on: a table may hold itself
            self.tables[name] |= self._described(kind)
        return {"$ref": f"#/$defs/{name}"}

    def _described(self, table: Table) -> Described:
        keys = {name: self._key(key) for name, key in table.keys.items()}
        if table is WITH_OPTIONS:
            keys |= {name: {"description": "of another package"} for name in self._scorers}
        barred: Described = dict.fromkeys(sorted(table.not_yet), False) if table.rest else {}
        described: Described = {
            "type": "object",
            "properties": {**keys, **barred},
            "additionalProperties": bool(table.rest) and (self.describe(table.rest) or True),
        }
        required = sorted(name for name, key in table.keys.items() if key.is_required)
        stand_ins = sorted(table.stand_ins & table.keys.keys())
        if required and stand_ins:
            described["anyOf"] = [{"required": required}, *({"required": [name]} for name in stand_ins)]
        elif required:
            described["required"] = required
        return described

    def _key(self, key: Key) -> Described:
        return {"description": key.doc, **self.describe(key.kind)}
