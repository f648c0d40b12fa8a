"""Beside the verdicts: labels that are confused, and trials that disagree."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from pytest_llmcost.assembly.metrics import label_metrics, repeat_metrics
from pytest_llmcost.assembly.trials import answer_digest
from pytest_llmcost.domain.metrics import Flicker, LabelMetrics
from pytest_llmcost.domain.suite import Case, Suite
from pytest_llmcost.domain.trial import Trial

LABELS = ("shop", "other", "spam")


def suite(*expected: str | tuple[str, ...], **changes: Any) -> Suite:
    """Cases c0, c1, ... with the labels expected."""
    cases = tuple(
        Case(f"c{n}", {"text": str(n)}, (one,) if isinstance(one, str) else one, f"{n:012}", **changes)
        for n, one in enumerate(expected)
    )
    return Suite("bench_mail.yaml", "mail", "", LABELS, (), (), 1.0, None, cases)


def trials(asked: Suite, *given: str | None, number: int = 1) -> list[Trial]:
    """One trial a case, with these answers."""
    return [
        Trial(
            suite=asked.path,
            strategy="cheap",
            case=case.id,
            trial=number,
            fingerprint=case.fingerprint,
            score=float(answer in case.expected),
            correct=answer in case.expected,
            error=None,
            calls=(),
            paid_usd=Decimal(0),
            answer_sha256=answer_digest(answer),
        )
        for case, answer in zip(asked.cases, given, strict=True)
    ]


def told(asked: Suite, *given: str | None) -> LabelMetrics:
    metrics = label_metrics(asked, trials(asked, *given))
    assert metrics is not None
    return metrics


MAILS = suite("shop", "shop", "shop", "other", "other", "other")


def test_each_label_has_its_precision_recall_and_f1_and_the_matrix_shows_what_was_taken_for_what() -> None:
    metrics = told(MAILS, "shop", "shop", "other", "other", "other", "shop")

    assert metrics.matrix == ((2, 1, 0, 0), (1, 2, 0, 0), (0, 0, 0, 0))
    shop, _, spam = metrics.labels
    assert (shop.label, shop.expected, shop.answered, shop.right) == ("shop", 3, 3, 2)
    assert (shop.precision, shop.recall, shop.f1) == (2 / 3, 2 / 3, pytest.approx(2 / 3))
    assert (spam.precision, spam.recall, spam.f1) == (None, None, None), "unknown, and not zero"
    assert metrics.macro_f1 == pytest.approx(2 / 3)
    assert metrics.kappa == pytest.approx((4 / 6 - 1 / 2) / (1 - 1 / 2))
    assert metrics.lower is not None
    assert metrics.upper is not None
    assert metrics.lower < metrics.kappa < metrics.upper


def test_what_is_no_label_or_not_parsed_has_a_column_of_its_own() -> None:
    metrics = told(MAILS, "shop", None, "cannot say", "other", "other", "other")

    assert metrics.matrix[0] == (1, 0, 0, 2)
    assert metrics.labels[0].recall == pytest.approx(1 / 3)
    assert metrics.labels[1].precision == 1


def test_a_label_is_known_however_it_was_written_also_from_a_file_that_holds_digests() -> None:
    assert told(MAILS, "shop", "OTHER", "Other", "other", "Shop", "SHOP").matrix[:2] == ((1, 2, 0, 0), (2, 1, 0, 0))


def test_an_answer_that_the_scorer_takes_for_right_is_its_label() -> None:
    now = [dataclasses.replace(t, correct=True) for t in trials(MAILS, *["to the shop"] * 3, *["other"] * 3)]

    metrics = label_metrics(MAILS, now)

    assert metrics is not None
    assert (metrics.macro_f1, metrics.kappa, metrics.upper) == (1, 1, 1)
    assert metrics.lower is not None
    assert metrics.lower < 1, "six answers are no proof"


def test_cases_that_accept_several_labels_or_none_are_left_out_and_counted() -> None:
    asked = suite("shop", "other", ("shop", "other"), "price")

    metrics = told(asked, "shop", "other", "shop", "price")

    assert metrics.left_out == 2
    assert sum(map(sum, metrics.matrix)) == 2


def test_a_group_is_one_piece_of_evidence_for_the_interval() -> None:
    labels, given = ["shop", "other"] * 12, ["shop", "other", "shop", "shop"] * 6
    alone, grouped = suite(*labels), suite(*labels, group="one mail")

    assert told(grouped, *given).lower == -1
    assert told(alone, *given).lower != -1


def test_trials_of_a_case_are_no_further_cases() -> None:
    given = ["shop", "shop", "other", "other", "other", "shop"]

    once = label_metrics(MAILS, trials(MAILS, *given))
    thrice = label_metrics(MAILS, [t for number in (1, 2, 3) for t in trials(MAILS, *given, number=number)])

    assert once is not None
    assert thrice is not None
    assert (thrice.kappa, thrice.lower, thrice.upper) == pytest.approx((once.kappa, once.lower, once.upper))
    assert thrice.labels[0].expected == 9


@pytest.mark.parametrize("asked", [dataclasses.replace(MAILS, labels=()), suite("price")])
def test_without_labels_or_a_case_that_has_one_there_is_nothing_to_tell(asked: Suite) -> None:
    assert label_metrics(asked, trials(asked, *["shop"] * len(asked.cases))) is None
    assert label_metrics(MAILS, []) is None


def repeated(*right: Sequence[bool]) -> list[Trial]:
    """Cases c0, c1, ... with so many trials, right or wrong."""
    asked = suite(*["shop"] * len(right))
    most = max(map(len, right))
    rounds = [trials(asked, *["shop"] * len(right), number=number) for number in range(most)]
    return [
        dataclasses.replace(rounds[number][place], correct=is_right)
        for place, own in enumerate(right)
        for number, is_right in enumerate(own)
    ]


def test_several_trials_tell_how_likely_one_or_all_of_k_are_right_and_which_cases_flicker() -> None:
    """Of 3 trials 3, 2, and 0 are right: one of two is right in 1, 1 and 0 of all pairs, both in 1, 1/3 and 0."""
    metrics = repeat_metrics(repeated([True] * 3, [True, False, True], [False] * 3))

    assert metrics is not None
    assert metrics.trials == 3
    assert metrics.pass_at == pytest.approx((5 / 9, 2 / 3, 2 / 3))
    assert metrics.pass_all == pytest.approx((5 / 9, 4 / 9, 1 / 3))
    assert metrics.flickering == (Flicker("c1", 2, 3),)


def test_g04_with_unequal_trials_k_ends_where_the_case_with_fewest_does() -> None:
    metrics = repeat_metrics(repeated([True] * 3, [True, False]))

    assert metrics is not None
    assert (metrics.trials, len(metrics.pass_at)) == (2, 2)
    assert metrics.pass_at == pytest.approx((0.75, 1.0))


@pytest.mark.parametrize("own", [[], repeated([True], [False]), repeated([True, True], [False])])
def test_one_trial_of_a_case_tells_nothing_of_repeats(own: list[Trial]) -> None:
    assert repeat_metrics(own) is None
