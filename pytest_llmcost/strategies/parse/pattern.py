"""The part of a text that a pattern finds."""

from __future__ import annotations

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.strategies.parse.parsed import Parsed, unparsed

LIMIT_SECONDS = 1.0


def parse_regex(completion: Completion, pattern: str) -> Parsed:
    """Return the first group that took part in the first match, or the whole match where there is none.

    Blanks around the text, and around what is found, are left aside.
    """
    import regex

    try:
        found = regex.search(pattern, completion.text.strip(), timeout=LIMIT_SECONDS)
    except TimeoutError:
        return unparsed(f"the pattern took longer than {LIMIT_SECONDS:g} s")
    if found is None:
        return unparsed("the text does not match the pattern")
    return Parsed(next((group for group in found.groups() if group is not None), found[0]).strip())
