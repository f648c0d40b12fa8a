"""What a change does to its own judge: a weakened gate, a deleted case, an edited baseline; shown, without effect."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Altered(StrEnum):
    """What differs between the base of a change and the change itself."""

    GATE = "gate"
    """A bound, a threshold, or how many trials of a case have to be right; the base's is judged by."""
    QUARANTINE = "quarantine"
    """Cases that the base gates and the change does not; they are gated."""
    DELETED = "deleted"
    """Cases, a strategy, or a whole suite that the base has."""
    EXPECTED = "expected"
    """Cases with other right answers or another scoring: set aside, since their scores compare with nothing."""
    ASKED = "asked"
    """Cases with another input under the same id: set aside, too."""
    BASELINE = "baseline"
    """A stored baseline; the base's is compared with."""
    ACCEPTED = "accepted"
    """A loss that the change's own baseline accepts, with a reason; it holds once the change is merged."""
    PRICE = "price"
    """A price that the configuration states; both sides are counted at the change's."""
    UNREAD = "unread"
    """What the base says cannot be read, so that the change's own settings are judged by."""


@dataclass(frozen=True, slots=True)
class Alteration:
    """One thing in which a change differs from its base, and which bears on its verdicts.

    Attributes:
        path: The file that it is about, below the root directory: a suite's path (a test in Python:
            `file.py::test_name`), a baseline or a configuration file.
        strategy: The strategy that it is about; empty for all of them.
        what: The setting by its keys, as `quality.margin`; for an accepted loss its metric.
        before, now: Of a setting; empty where it is not stated.
        cases: Ids of the cases that it is about, all of them.
        reason: In the words of whoever made the change, or of the error.
        is_weaker: Whether it could make a verdict milder; a stricter bound is told, too, but not loudly.
        line: In `path`, from 1; 0 where it has none.
    """

    kind: Altered
    path: str
    strategy: str = ""
    what: str = ""
    before: str = ""
    now: str = ""
    cases: tuple[str, ...] = ()
    reason: str = ""
    is_weaker: bool = True
    line: int = 0
