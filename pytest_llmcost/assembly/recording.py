"""Answers of a project's caches, written as recordings: what is secret is taken out, and what was there is kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.assembly.avoided import calls_of
from pytest_llmcost.assembly.caches import looked_after
from pytest_llmcost.assembly.redaction import redaction_of
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.calls.cache.codec import encode
from pytest_llmcost.calls.cache.kept import CacheError, Kept
from pytest_llmcost.calls.cache.pruning import request_of
from pytest_llmcost.calls.cache.recorded import FILE, RecordedCache, write_recording
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.trial import Run


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
    """Write answers into the recordings of *folder*: what the caches hold wins over what lies there.

    Args:
        settings: The project's.
        folder: Made where it is not there.
        runs: Only what they used is exported; with none, everything.

    Raises:
        CacheError: If a cache cannot be read, or the file cannot be written.
    """
    used = {call.key for run in runs for call in calls_of(run.trials)} if runs else None
    redact = redaction_of(settings, os.environ)
    before = {one.key: one for one in RecordedCache(folder).kept() if not one.why_unreadable()}
    # Later caches first: of two answers the one that a run reads first is exported.
    rows = [one for cache in reversed(looked_after(settings)) for one in cache.kept()]
    found = {one.key: one for one in rows if not one.why_unreadable() and _is_wanted(one, used)}
    texts = {key: one.text for key, one in before.items()}
    new, redacted = _texts(found.values(), redact)
    changed = {key for key, text in new.items() if texts.get(key) != text and not found[key].is_note}
    texts |= new
    try:
        write_recording(folder, texts.items())
    except OSError as error:
        raise CacheError(f"recordings in {folder} cannot be written: {error}.") from error
    answers = len(texts) - sum(key.startswith("about:") for key in texts)
    missing = len((used or set()) - texts.keys() - {""})
    unreadable = sum(bool(one.why_unreadable()) for one in rows)
    return Exported(folder / FILE, answers, len(changed), redacted, missing, unreadable)


def _is_wanted(one: Kept, used: set[str] | None) -> bool:
    return used is None or (request_of(one) if one.is_note else one.key) in used


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
