"""From what a suite writes under `scorer` to scorers with their options."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmcost.domain.suite import ScorerSpec
from pytest_llmcost.suites.project import Accepted, Project
from pytest_llmcost.suites.schema.scoring import FORMS, NOT, NOT_YET, VALUE, WEIGHT, WEIGHT_KEY, Form
from pytest_llmcost.suites.scoring.json_schemas import schema_at
from pytest_llmcost.suites.scoring.patterns import check_pattern
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import List, Map, Node, Scalar, json_of
from pytest_llmcost.suites.tree.report import Report, did_you_mean, nearest, shown
from pytest_llmcost.suites.tree.values import INVALID, read_value

EXACT = (ScorerSpec("exact"),)
_GRADED_THRESHOLD = 0.5
_NEEDED = "a scorer's name, {name: options} or a list of them"


def read_scorers(node: Node, project: Project, report: Report) -> tuple[ScorerSpec, ...]:
    """Return the scorers at *node*; none where anything about them is wrong, which is reported."""
    if isinstance(node, List) and not node.items:
        report.add(node, f"scorer is an empty list: {_NEEDED} is needed")
    items = node.items if isinstance(node, List) else [node]
    specs = [_read_one(item, project, report) for item in items]
    good = tuple(spec for spec in specs if spec)
    return good if len(good) == len(specs) else ()


def meant_by(node: Node) -> tuple[ScorerSpec, ...]:
    """Return what a wrong scorer seems to mean, so that the cases are read as if it were right."""
    items = node.items if isinstance(node, List) else [node]
    return tuple(_guessed(name, options) for item in items for name, options in _names_in(item)) or EXACT


def _guessed(name: str, options: Node | None) -> ScorerSpec:
    if name == NOT and options is not None:
        return ScorerSpec(NOT, of=meant_by(options))
    return ScorerSpec(nearest(name, FORMS) or "exact", {VALUE: True} if options else {})


def _names_in(node: Node) -> list[tuple[str, Node | None]]:
    if isinstance(node, Scalar):
        return [(node.raw, None)]
    return [(name, value) for name, (_, value) in node.entries.items()] if isinstance(node, Map) else []


def needs_expected(specs: Sequence[ScorerSpec]) -> bool:
    """Return whether a case has to say what is right."""
    return any(_reads_expected(spec) or needs_expected(spec.of) for spec in specs)


def default_threshold(specs: Sequence[ScorerSpec]) -> float:
    """Return the score from which an answer counts as correct, where nobody says it."""
    return _GRADED_THRESHOLD if _is_graded(specs) else 1.0


def has(specs: Sequence[ScorerSpec], *names: str) -> bool:
    """Return whether a scorer of one of these names is among *specs*, or inside one of them."""
    return any(spec.name in names or has(spec.of, *names) for spec in specs)


def reads_fields(specs: Sequence[ScorerSpec]) -> bool:
    """Return whether a scorer may look at any field of a case: code of the project, or of another package."""
    return any(spec.name == "python" or (spec.name not in {*FORMS, NOT}) or reads_fields(spec.of) for spec in specs)


def _reads_expected(spec: ScorerSpec) -> bool:
    form = FORMS.get(spec.name, Form(""))
    return form.reads_expected or (form.falls_back and not spec.options)


def _is_graded(specs: Sequence[ScorerSpec]) -> bool:
    one = specs[0]
    foreign = Form("", is_graded=True)
    return len(specs) > 1 or (_is_graded(one.of) if one.of else FORMS.get(one.name, foreign).is_graded)


def _read_one(node: Node, project: Project, report: Report) -> ScorerSpec | None:
    if isinstance(node, Scalar) and node.value is not None:
        return _named(node, None, project, report)
    if isinstance(node, Map) and len(node.entries) == 1:
        ((name, options),) = node.entries.values()
        return _named(name, options, project, report)
    if isinstance(node, Map | List | Scalar):
        several = ", ".join(map(shown, node.entries)) if isinstance(node, Map) and node.entries else ""
        what = f"a mapping of {several}" if several else "none of these"
        report.add(node, f"scorer is {what}: {_NEEDED} is needed")
    return None


def _named(name: Scalar, options: Node | None, project: Project, report: Report) -> ScorerSpec | None:
    if options is not None and isinstance(options, Scalar) and options.value is None:
        options = None
    if name.raw == NOT:
        return _turned(name, options, project, report)
    if name.raw in FORMS:
        return _own(name, options, project, report)
    if name.raw in project.scorers:
        return _foreign(name, options, project.scorers[name.raw], report)
    if name.raw in NOT_YET:
        report.add(name, f"scorer {shown(name.raw)} is not supported yet. Use {', '.join(FORMS)} or {NOT}")
    else:
        known = {*FORMS, NOT, *NOT_YET, *project.scorers}
        there_are = f". There are {', '.join([*FORMS, NOT, *sorted(project.scorers)])}"
        hint = did_you_mean(name.raw, known) or there_are
        report.add(name, f"unknown scorer {shown(name.raw)}{hint}")
    return None


def _own(name: Scalar, options: Node | None, project: Project, report: Report) -> ScorerSpec | None:
    form = FORMS[name.raw]
    section = _options(name.raw, form, options, report)
    if section is None:
        return None
    values = dict(section.values)
    weight = float(values.pop(WEIGHT, 1.0))
    count = len(report)
    _check_options(name, form, section, report)
    if name.raw == "regex" and VALUE in values:
        check_pattern(values[VALUE], section.at(VALUE), report)
    elif name.raw == "json_schema" and VALUE in section:
        values[VALUE] = schema_at(section.at(VALUE), report)
    elif name.raw == "python" and VALUE in values and (why := project.why_barred(values[VALUE])):
        report.add(section.at(VALUE), why)
    if len(report) > count:
        return None
    lists = {key: [value] if isinstance(value, str) else value for key, value in values.items()}
    return ScorerSpec(name.raw, lists if name.raw in ("contains", "starts_with") else values, weight)


def _options(name: str, form: Form, node: Node | None, report: Report) -> Section | None:
    """Return the options as read, a bare value under `value`; None where they are wrong."""
    if node is None:
        return Section(Scalar(None, "", 1, 1), {})
    table = form.table(name)
    is_inline = name == "json_schema" and isinstance(node, Map) and VALUE not in node.entries
    if isinstance(node, Map) and not is_inline:
        section = read_value(table, node, name, report)
        return section if len(section.values) == len(node.entries) else None
    if form.bare is None:
        report.add(node, f"{name} takes options, by name: {', '.join(table.keys)}")
        return None
    value = read_value(form.bare, node, name, report)
    return None if value is INVALID else Section(node, {VALUE: value}, {VALUE: (node, node)})


def _check_options(name: Scalar, form: Form, section: Section, report: Report) -> None:
    given = [key for key in form.one_of if key in section]
    if len(given) > 1:
        report.add(section.key_at(given[1]), f"{name.raw} has {' and '.join(map(shown, given))}. Keep one of them")
    elif form.one_of and not given and not form.falls_back:
        report.add(name, f"{name.raw} has no value. Write it: {{{name.raw}: ...}}, {form.doc}")
    if form.some_of and not any(key in section for key in form.some_of):
        report.add(name, f"{name.raw} has none of {', '.join(form.some_of)}. Write one: {{{name.raw}: {{max: 100}}}}")


def _turned(name: Scalar, node: Node | None, project: Project, report: Report) -> ScorerSpec | None:
    if node is None:
        report.add(name, "not has no scorer to turn round. Write it: {not: {contains: sorry}}")
        return None
    inner, weight = _weighed(node, report)
    of = read_scorers(inner, project, report)
    return ScorerSpec(NOT, weight=weight, of=of) if of and weight else None


def _foreign(name: Scalar, node: Node | None, accepted: Accepted, report: Report) -> ScorerSpec | None:
    inner, weight = (Map(name.line, name.column, name.path), 1.0) if node is None else _weighed(node, report)
    if isinstance(inner, Map):
        places: dict[str, Node] = {key: key_node for key, (key_node, _) in inner.entries.items()}
        options = json_of(inner)
    else:
        places, options = {VALUE: inner}, {VALUE: json_of(inner)}
    count = len(report)
    for key, place in places.items():
        if key not in accepted.options and not accepted.takes_any:
            takes = f". It takes {', '.join(accepted.options)}" if accepted.options else ". It takes none"
            report.add(place, f"{name.raw} has no option {shown(key)}{did_you_mean(key, accepted.options) or takes}")
    for key in accepted.needed if len(report) == count else ():  # (one that is needed may be misspelt)
        if key not in places:
            report.add(name, f"{name.raw} needs the option {shown(key)}. Write it: {{{name.raw}: {{{key}: ...}}}}")
    return ScorerSpec(name.raw, options, weight) if weight and len(report) == count else None


def _weighed(node: Node, report: Report) -> tuple[Node, float]:
    """Return a scorer's options without its weight, and that; 0 where the weight is wrong."""
    if not isinstance(node, Map) or WEIGHT not in node.entries:
        return node, 1.0
    inner = Map(node.line, node.column, node.path)
    inner.entries = {key: entry for key, entry in node.entries.items() if key != WEIGHT}
    weight = read_value(WEIGHT_KEY.kind, node.entries[WEIGHT][1], WEIGHT, report)
    return inner, 0.0 if weight is INVALID else float(weight)
