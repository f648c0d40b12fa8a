"""What an A/A simulation found, as a table and as JSON."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal

import pytest
from fakes.evidence import record, records

from pytest_llmcost.domain.gate import QualityGate
from pytest_llmcost.gate.aa import Answer, Answers, Needed, Subject
from pytest_llmcost.gate.rehearsal import Rate
from pytest_llmcost.gate.unchanged import Unchanged
from pytest_llmcost.reports.aa import aa_document, aa_lines, render_aa

ONE = Answer(
    Subject(
        "mail/bench_mail.yaml", "mail", "cheap", QualityGate(), Unchanged(records(192, [1, 2]), {}, 0.01), Decimal(1)
    ),
    fails=Rate(21, 1000),
    inconclusive=Rate(290, 1000),
    passes=Rate(689, 1000),
    drop=0.06875,
    caught=Rate(204, 250),
    needed=(
        Needed(0.05, 246, 0, 2, Decimal("0.0246"), Decimal("0.0384")),
        Needed(0.02, 1535, 0, None, Decimal("0.1535"), None),
    ),
)
LESS = dataclasses.replace(ONE, drop=None, caught=None, needed=(dataclasses.replace(ONE.needed[0], cases=190),))
TWO = Answers((ONE, LESS), Rate(30, 1000))


def test_a_strategy_takes_two_lines_of_100_columns() -> None:
    table = render_aa(TWO)
    assert [line.rstrip() for line in table.splitlines()][-4:] == [
        "mail          192     1.0%        2.1%   29.0%   6.88 pt    5 pt   246 $0.025   2 $0.038",
        " cheap          1  assumed  [1.5, 3.0]   68.9%  [77, 85]    2 pt  1,535 $0.15          -",
        "mail          192     1.0%        2.1%   29.0%   no drop    5 pt   190 $0.025     enough",
        " cheap          1  assumed  [1.5, 3.0]   68.9%",
    ]
    assert max(map(len, table.splitlines())) <= 100


def test_below_it_stands_what_its_words_mean_and_what_the_run_as_a_whole_does() -> None:
    said = list(aa_lines(TWO, 0.01))
    assert said[0] == "fails, cannot tell, passes: if nothing changed, of 1,000 simulated runs"
    assert said[1] == "the run: any of its 2 verdicts on quality fails in 3.0% [2.2, 4.0] of them"
    assert said[-1] == "assumed: 1.0% (--discordance); a run with --llm-repeats=3 shows what it is"
    assert len(list(aa_lines(Answers((ONE,), ONE.fails), 0.01))) == len(said) - 1


@pytest.mark.parametrize(
    ("system", "said"),
    [
        (Unchanged(records(40), {}, 0.01), "40 cases can show no drop below 7.2 pt, and the margin is 5 pt: a changed"),
        (Unchanged(records(99, [1]), {}, 0.10), "with a mean score of 99.0% two unchanged runs can differ in no more"),
        (
            Unchanged([record(f"c{n}", 1, 1) for n in range(99)], {}, None),
            "no answer changed in its repeats; --discord",
        ),
        (
            Unchanged(records(400, [1]), {f"c{n:03}": str(n % 80) for n in range(400)}, 0.0),
            "80 groups count, not cases; needed are 90 for 5 pt",
        ),
    ],
)
def test_what_limits_a_suite_is_said_by_its_name(system: Unchanged, said: str) -> None:
    needed = (dataclasses.replace(ONE.needed[0], groups=90),)
    one = dataclasses.replace(ONE, subject=dataclasses.replace(ONE.subject, system=system), needed=needed)
    lines = list(aa_lines(Answers((one,), ONE.fails), 0.10))
    assert any(line.startswith(f"mail/bench_mail.yaml::cheap: {said}") for line in lines)


def test_the_document_holds_every_figure_in_shares_and_dollars() -> None:
    document = json.loads(json.dumps(aa_document(TWO, ["torn"])))
    first, second = document["strategies"]
    assert (document["run_fails"]["share"], document["notes"]) == (0.03, ["torn"])
    assert (first["suite"], first["cases"], first["groups"], first["trials"]) == ("mail/bench_mail.yaml", 192, None, 1)
    fails = first["unchanged"]["fails"]
    assert (fails["share"], fails["rounds"]) == (0.021, 1000)
    assert (fails["lower"], fails["upper"]) == pytest.approx((0.0148, 0.0298), abs=1e-4)
    assert (first["discordance_from"], first["smallest_drop"], first["caught"]["rounds"]) == (
        "assumption",
        0.06875,
        250,
    )
    assert first["needed"][1] == {
        "margin": 0.02,
        "cases": 1535,
        "groups": None,
        "cases_usd": 0.1535,
        "trials": None,
        "trials_usd": None,
    }
    assert (second["smallest_drop"], second["caught"]) == (None, None)
