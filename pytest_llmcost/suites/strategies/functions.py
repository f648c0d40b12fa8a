"""Strategies of other packages: which options they take, and that nobody else is given any."""

from __future__ import annotations

from pytest_llmcost.suites.schema.strategy import MODEL, USE
from pytest_llmcost.suites.strategies.names import Names
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import Map
from pytest_llmcost.suites.tree.report import did_you_mean, shown


def check_options(name: str, section: Section, names: Names) -> None:
    """Report options that the function *name* does not take, and those that it needs and does not get."""
    accepted, place = names.project.functions[name], section.at("options")
    written = place.entries if isinstance(place, Map) and "options" in section else {}
    for key, (key_node, _) in written.items():
        if key not in accepted.options and not accepted.takes_any:
            takes = f". It takes {', '.join(accepted.options) or 'none'}"
            advice = did_you_mean(key, accepted.options) or takes
            names.tell(key_node, f"strategy {shown(name)} has no option {shown(key)}{advice}")
    for key in accepted.needed:
        if key not in written:
            names.tell(section.node, f"strategy {shown(name)} needs the option {shown(key)}. Add it")


def check_plain(key: str, section: Section, names: Names) -> None:
    """Report what is said to another package's strategy where *key* names none."""
    named = section.get(key) if key in (MODEL, USE) else None
    if not (isinstance(named, str) and named in names.project.functions):
        for given in ("of", "options"):
            if given in section:
                names.tell(section.key_at(given), f"{given} is for strategies of other packages. Leave it out")
