"""What a change does to its own judge, in words that are the same in every report."""

from __future__ import annotations

import pytest

from pytest_llmcost.domain.alteration import Alteration, Altered
from pytest_llmcost.reports.altered import altered_lines, stricter_lines, told

PATH = "bench_mail.yaml"
STRICTER = Alteration(Altered.GATE, PATH, "cheap", "quality.margin", "0.05", "0.02", is_weaker=False)


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (
            Alteration(Altered.GATE, PATH, "cheap", "quality.min", "0.9"),
            "bench_mail.yaml::cheap: quality.min: 0.9 -> (not stated)",
        ),
        (
            Alteration(Altered.GATE, PATH, what="must_pass", before="true", now="false", cases=("late",)),
            "bench_mail.yaml: must_pass of late: true -> false",
        ),
        (Alteration(Altered.DELETED, PATH, cases=("late", "rain")), "bench_mail.yaml: 2 cases deleted: late, rain"),
        (
            Alteration(Altered.QUARANTINE, PATH, cases=tuple(f"c{n}" for n in range(10))),
            "bench_mail.yaml: 10 cases newly in quarantine, and gated all the same: "
            "c0, c1, c2, c3, c4, c5, c6, c7, and 2 more",
        ),
        (
            Alteration(Altered.EXPECTED, PATH, cases=("late",)),
            "bench_mail.yaml: 1 case expected otherwise, or scored otherwise, and set aside: late",
        ),
        (
            Alteration(Altered.ACCEPTED, "b.jsonl", "cheap", "quality", reason="half the price"),
            "b.jsonl::cheap: accepts a loss of quality, which holds once this is merged: half the price",
        ),
        (Alteration(Altered.BASELINE, "b.jsonl", reason="deleted"), "b.jsonl: deleted"),
    ],
)
def test_each_kind_has_its_sentence(one: Alteration, text: str) -> None:
    assert told(one) == text


def test_what_is_weaker_is_said_loudly_and_what_is_stricter_in_a_note() -> None:
    weaker = Alteration(Altered.BASELINE, "b.jsonl", reason="deleted")

    assert list(altered_lines([STRICTER, weaker], "git:main (abc) and its gate settings")) == [
        "this change alters what judges it; it is judged all the same by git:main (abc) and its gate settings:",
        "  b.jsonl: deleted",
    ]
    assert list(stricter_lines([STRICTER, weaker])) == [
        "bench_mail.yaml::cheap: quality.margin: 0.05 -> 0.02; judges once this is merged"
    ]
    assert list(altered_lines([STRICTER], "git:main")) == []


def test_t06_names_and_reasons_steer_nothing() -> None:
    hostile = "x\x1b[31m\n::error::y"
    one = Alteration(Altered.ACCEPTED, hostile, hostile, hostile, reason=hostile)
    many = Alteration(Altered.DELETED, hostile, cases=(hostile, hostile))

    for text in (told(one), told(many)):
        assert "\x1b" not in text
        assert "\n" not in text
