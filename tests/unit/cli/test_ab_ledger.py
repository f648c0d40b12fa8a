"""`llmcost ab analyse --ledger`: the same answer as from a CSV of the same calls, and what is not known of them."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from fakes.postgres import needs_postgres, running_postgres

from pytest_llmcost.cli import main
from pytest_llmcost.costs.ledger.ledger import Ledger

NOON = 1_770_000_000.0
OF_LEDGER = ["ab", "analyse", "--ledger", "--experiment", "cheaper", "--margin", "0.2", "--json"]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "llmcost.toml").write_text("", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(ledger: Ledger, variant: str, user: str, ok: bool | None = None, **fields: Any) -> str:
    """One call of the experiment and, where somebody said it, whether its answer was good."""
    names = {"experiment": "cheaper", "variant": variant, "user": user, "timestamp": NOON}
    call_id = ledger.record("acme/small", **({"cost_usd": 0.5} | names | fields))
    if ok is not None:
        ledger.outcome(call_id, ok)
    return call_id


def opened(place: str | Path = ".llmcost/ledger.sqlite") -> Ledger:
    return Ledger(place, user_key="secret", warn=pytest.fail)


def fill(ledger: Ledger, path: Path) -> None:
    """The same calls to the ledger and to a CSV: 60 users, one to three answers each."""
    dice = random.Random(3)
    rows = ["user,variant,ok,usd"]
    for number in range(60):
        user, variant = f"user-{number}", dice.choice(["treatment", "control"])
        for _ in range(dice.randint(1, 3)):
            ok, usd = dice.random() < 0.8, dice.randint(1, 9) / 1000
            call(ledger, variant, user, ok, cost_usd=usd)
            rows.append(f"{user},{variant},{ok},{usd}")
    call(ledger, "treatment", "user-0", False, experiment="another")
    path.write_text("\n".join(rows) + "\n", "utf-8")


def read(*argv: str, status: int = 0, capsys: pytest.CaptureFixture[str]) -> Any:
    assert main([*argv]) == status
    return json.loads(capsys.readouterr().out)


def close_to(document: Any) -> Any:
    """The same but for the last digits of its numbers: sums were added in another order."""
    if isinstance(document, dict):
        return {name: close_to(value) for name, value in document.items()}
    if isinstance(document, list):
        return [*map(close_to, document)]
    return pytest.approx(document, rel=1e-9) if isinstance(document, float) else document


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs_postgres)])
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each database in turn, empty."""
    if request.param == "sqlite":
        yield "own.sqlite"
        return
    with running_postgres() as server:
        yield server.url


def test_a_ledger_says_what_a_csv_of_its_calls_says(project, place, capsys):
    with opened(place) as ledger:
        fill(ledger, project / "ab.csv")
    found = read(*OF_LEDGER, "--ledger", place, capsys=capsys)
    assert found.pop("why_no_cost") is None
    assert [calls["without_outcome"] for calls in found.pop("logged").values()] == [0, 0]
    of_csv = ("ab", "analyse", "ab.csv", "--margin", "0.2", "--user", "user", "--cost", "usd", "--json")
    assert found == close_to(read(*of_csv, capsys=capsys))
    assert sum(found["users"]) == 60


def test_the_last_word_on_a_call_counts_or_that_of_a_source(capsys):
    with opened() as ledger:
        for variant in ("treatment", "control"):
            for number in range(10):
                judged = call(ledger, variant, f"{variant}-{number}", False)
                ledger.outcome(judged, True)
                ledger.flush()
                ledger.outcome(judged, variant == "control", source="support")
    assert read(*OF_LEDGER, status=1, capsys=capsys)["rates"] == [1.0, 0.0]
    assert read(*OF_LEDGER, "--source", "support", status=1, capsys=capsys)["rates"] == [1.0, 0.0]
    assert read(*OF_LEDGER, "--source", "user", capsys=capsys)["rates"] == [0.0, 0.0]


def test_calls_without_an_outcome_are_counted_and_their_cost_is_the_users(capsys):
    """Every treated user is asked by a cascade, whose first step nobody judges."""
    spent: dict[str, dict[str, float]] = {"treatment": defaultdict(float), "control": defaultdict(float)}
    with opened() as ledger:
        for number in range(40):
            for variant, first_usd in (("treatment", 0.1), ("control", 0.0)):
                user = f"{variant}-{number}"
                if first_usd:
                    call(ledger, variant, user, cost_usd=first_usd)
                    call(ledger, variant, user, status="RateLimitError", cost_usd=None)
                call(ledger, variant, user, number != 7, step=1, cost_usd=0.01 * number)
                spent[variant][user] += first_usd + 0.01 * number
        call(ledger, "control", "asked in vain", cost_usd=2.0)
        spent["control"]["asked in vain"] = 2.0
    found = read(*OF_LEDGER, capsys=capsys)
    assert (found["users"], found["rates"]) == ([40, 40], [1 / 40, 1 / 40])
    treated, held = (fmean(spent[variant].values()) for variant in ("treatment", "control"))
    assert found["cost"]["value"] == pytest.approx(treated - held)
    assert found["logged"] == {
        "treatment": {"calls": 120, "without_outcome": 80, "failed": 40, "unpriced_failed": 40},
        "control": {"calls": 41, "without_outcome": 1, "failed": 0, "unpriced_failed": 0},
    }
    assert main(OF_LEDGER[:-1]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "  80 of 120 calls of the treatment have no outcome, 40 failed: they are in no error rate",
        "  40 failed calls of the treatment without a known cost are in no cost",
        "  1 of 41 calls of the control have no outcome, 0 failed: they are in no error rate",
    ]


@pytest.mark.parametrize(
    ("unknown", "said"),
    [
        ({"user": "a user", "cost_usd": None}, "the cost of 1 answered call is not known"),
        ({"user": "", "step": 1}, "steps of a cascade are logged without a user"),
    ],
)
def test_costs_are_not_compared_where_they_are_not_known(unknown, said, capsys):
    with opened() as ledger:
        for number in range(80):
            call(ledger, "treatment" if number % 2 else "control", "", True)
        call(ledger, **({"variant": "control", "ok": True} | unknown))
    found = read(*OF_LEDGER, capsys=capsys)
    assert (found["cost"], found["users"]) == (None, [40, 41])
    assert found["why_no_cost"].startswith(said)
    assert main(OF_LEDGER[:-1]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"  cost is not compared: {said}")


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        ([], "experiment 'cheaper': no call of it is in the ledger"),
        ([("treatment", "a", True), ("tr\x1bol", "b", True)], r"calls of the variants 'tr\x1bol': treatment"),
        ([("treatment", "a", True), ("control", "a", True)], "has both variants"),
        ([("treatment", "a", True), ("treatment", "b", True), ("control", "c", True), ("control", "d", None)],
         "1 users of the variant 'control' have an outcome, at least 2 are needed"),
    ],
)  # fmt: skip
def test_an_experiment_that_cannot_be_read_says_why(calls, said, capsys):
    with opened() as ledger:
        for variant, user, ok in calls:
            call(ledger, variant, user, ok)
    assert main(OF_LEDGER) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("", "no CSV is named. Name one, or --ledger and --experiment NAME."),
        ("--ledger", "no CSV is named"),
        ("ab.csv --experiment e", "--ledger, --experiment and --source are a ledger's"),
        ("--ledger --experiment e --cost usd", "--cost names a column of a CSV"),
        ("--ledger no.sqlite --experiment e", "no.sqlite: there is no ledger yet"),
    ],
)
def test_an_analysis_is_of_a_csv_or_of_a_ledger(options, said, capsys):
    assert main(["ab", "analyse", "--margin", "0.01", *options.split()]) == 2
    assert said in capsys.readouterr().err
