"""Files outlive the version that wrote them: what is newer is refused by name, what is no such file is called so."""

from __future__ import annotations


def why_not_read(found: object, ours: str) -> str:
    """Return why a file is not read, in words that go behind its place; empty where it is.

    Args:
        found: What the file says its format is, or None.
        ours: The format that this version reads, as `name/number`.
    """
    if found == ours:
        return ""
    name, _, newest = ours.partition("/")
    its_name, _, number = str(found).partition("/")
    if its_name == name and number.isdecimal() and int(number) > int(newest):
        return f"the format is {found!r}, and this version reads {ours!r}. Upgrade pytest-llmcost."
    what = "it names no format" if found is None else f"its format is {str(found)[:40]!r}"
    return f"this is no {name}: {what}, {ours!r} is needed."
