"""Answers of a project's caches, written as recordings: what is secret is taken out, and what was there is kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.assembly.caches import looked_after
from pytest_llmcost.assembly.redaction import redaction_of
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.calls.cache.codec import NOTE, encode
from pytest_llmcost.calls.cache.recorded import FILE, RecordedCache, write_recording
from pytest_llmcost.calls.cache.upkeep.kept import CacheError, Kept, LookedAfter
from pytest_llmcost.calls.cache.upkeep.pruning import request_of
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.trial import Run, calls_of


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of an export.

    Attributes:
        answers: In the file now; `added` of them are new, or others than before.
        redacted: Of what was exported now.
        missing: Answers that the runs used, and no cache has.
        unreadable: Rows that were left out.
    """

    path: Path
    answers: int
    added: int
    redacted: int
    missing: int
    unreadable: int


def export(settings: Settings, folder: Path, runs: Sequence[Run]) -> Exported:
    """Write answers into the recordings of *folder*; of two to one request the newer one holds.

    Args:
        settings: The project's.
        folder: Made where it is not there.
        runs: Only what they used is exported; with none, everything.

    Raises:
        CacheError: If a cache cannot be read, or the file cannot be written.
    """
    used = {call.key for run in runs for call in calls_of(run.trials)} if runs else None
    there = [one for one in RecordedCache(folder).kept() if one.place.startswith(f"{FILE}:")]
    before = {one.key: one.text for one in there if not one.why_unreadable()}
    rows = [one for cache in looked_after(settings) if not _is_at(cache, folder) for one in cache.kept()]
    readable = [one for one in rows if not one.why_unreadable() and _is_wanted(one, used)]
    texts, redacted = _texts(_newest([*there, *readable]), redaction_of(settings, os.environ))
    try:
        write_recording(folder, texts.items())
    except OSError as error:
        raise CacheError(f"recordings in {folder} cannot be written: {error}.") from error
    answers = {key for key in texts if not key.startswith(NOTE)}
    return Exported(
        path=folder / FILE,
        answers=len(answers),
        added=sum(before.get(key) != texts[key] for key in answers),
        redacted=redacted,
        missing=len((used or set()) - answers - {""}),
        unreadable=sum(bool(one.why_unreadable()) for one in rows),
    )


def _is_at(cache: LookedAfter, folder: Path) -> bool:
    """Whether it is the recordings that are written: their other files stay as they are."""
    return isinstance(cache, RecordedCache) and cache.folder.resolve() == folder.resolve()


def _is_wanted(one: Kept, used: set[str] | None) -> bool:
    return used is None or (request_of(one) if one.is_note else one.key) in used


def _newest(found: Iterable[Kept]) -> list[Kept]:
    """Return one row a key: of several answers the one that was made last, of equals the first."""
    newest: dict[str, Kept] = {}
    for one in found:
        if not one.why_unreadable() and (one.key not in newest or _made(one) > _made(newest[one.key])):
            newest[one.key] = one
    return list(newest.values())


def _made(one: Kept) -> float:
    answer = one.answer()
    return 0.0 if answer is None else answer.created


def _texts(found: Iterable[Kept], redact: Callable[[Completion], Completion]) -> tuple[dict[str, str], int]:
    """Return what is written by key, and how many of the answers were redacted."""
    texts, redacted = {}, 0
    for one in found:
        answer = one.answer()
        if answer is None:
            texts[one.key] = one.text
            continue
        shown = redact(answer)
        redacted += shown != answer
        texts[one.key] = encode(shown)
    return texts, redacted
