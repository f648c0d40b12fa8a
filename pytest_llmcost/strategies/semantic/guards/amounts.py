"""How many, how often, and whether it must be: `all` is `every`, and not `some`; `must` is not `may`."""

from __future__ import annotations

from pytest_llmcost.strategies.semantic.guards.reading import Reading

_KINDS = """
all every each everything everyone everybody always both whole entire; some sometimes several few; most mostly usually;
any either; only just solely; also too; half; one single once; must; may can
"""
_KIND_OF = {word: kind.split()[0] for kind in _KINDS.split(";") for word in kind.split()}

_TWO_WORDS = {("every", "other"): "alternate", ("have", "to"): "must", ("need", "to"): "must"}


def differ(first: Reading, second: Reading) -> bool:
    """Whether both texts say how much or how often, and do not say the same."""
    ours, theirs = _kinds(first), _kinds(second)
    return bool(ours - theirs) and bool(theirs - ours)


def _kinds(reading: Reading) -> set[str]:
    pairs = zip(reading.words, (*reading.words[1:], ""), strict=False)
    return {_TWO_WORDS.get(pair, _KIND_OF.get(pair[0], "")) for pair in pairs} - {""}
