"""How a strategy did beside its mean score: label by label, and from trial to trial."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How well one label is found, counted in trials; None where there is nothing to divide by.

    Attributes:
        expected: Trials of cases with this label; `answered`: those that gave it; `right`: both.
        precision: Of those that gave it, the share that is right.
        recall: Of those that should have, the share that did.
        f1: The harmonic mean of both.
    """

    label: str
    expected: int
    answered: int
    right: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class LabelMetrics:
    """How answers out of a closed set of labels compare with those expected.

    Attributes:
        labels: In the order of the suite.
        matrix: A row an expected label, a column a given one, in the same order; the last column: no label.
        macro_f1: The mean of the labels' F1, each label alike; those that no case has and nobody gave left out.
        kappa: Cohen's: agreement beyond chance; None where chance explains all, as with one label alone.
        lower, upper: Its 90 % interval, by case, or by group where there are some.
        left_out: Cases that accept several labels, or something else: no row is theirs.
    """

    labels: tuple[LabelScore, ...]
    matrix: tuple[tuple[int, ...], ...]
    macro_f1: float | None
    kappa: float | None
    lower: float | None
    upper: float | None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Flicker:
    """A case whose trials disagree: `right` of its `trials` are."""

    case: str
    right: int
    trials: int


@dataclass(frozen=True, slots=True)
class RepeatMetrics:
    """What several trials a case tell.

    Attributes:
        trials: A case, the fewest of any.
        pass_at: Mean chance that at least one of k trials is right, for k = 1 to `trials`.
        pass_all: Mean chance that all of k trials are right, likewise.
        flickering: Cases that are right in some trials and wrong in others, in the order of the suite.
    """

    trials: int
    pass_at: tuple[float, ...]
    pass_all: tuple[float, ...]
    flickering: tuple[Flicker, ...]
