"""Which rows of a cache are too old: answers by when they were made, notes with the answers that they are about."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_llmcost.calls.cache.codec import REQUEST, UnreadableRow, read_note
from pytest_llmcost.calls.cache.upkeep.kept import Kept


def older_than(kept: Iterable[Kept], oldest: float) -> list[Kept]:
    """Return the answers made before *oldest* (seconds since 1970), and their notes.

    What cannot be read is no old answer: it stays, for `llmcost cache verify`.
    """
    rows = list(kept)
    old = [one for one in rows if (answer := one.answer()) is not None and answer.created < oldest]
    gone = {one.key for one in old}
    return old + [one for one in rows if one.is_note and request_of(one) in gone]


def request_of(note: Kept) -> str:
    """Return the key of the request that a note is about; empty where it does not say."""
    try:
        return read_note(note.text).get(REQUEST, "")
    except UnreadableRow:
        return ""
