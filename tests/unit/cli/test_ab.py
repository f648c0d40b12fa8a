"""`llmcost ab`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_llmcost.cli import main


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """40 users of either side with two answers each; one of the treatment's and two of the control's are wrong."""
    monkeypatch.chdir(tmp_path)
    rows = [
        f"{variant}{n},{variant},{'false' if n < wrong and not answer else 'true'},{usd}"
        for variant, wrong, usd in (("treatment", 1, 0.001), ("control", 2, 0.003))
        for n in range(40)
        for answer in range(2)
    ]
    path = tmp_path / "ab.csv"
    path.write_text("\n".join(["user,variant,ok,usd", *rows]) + "\n", "utf-8")
    return path


def test_a_plan_has_users_and_days(capsys):
    assert main(["ab", "plan", "--baseline", "0.015", "--detect", "0.005", "--power", "0.8", "--per-day", "1000"]) == 0
    said = capsys.readouterr().out
    assert "10,795 users of the treatment and 10,795 of the control, 21,590 in all, show 1.50% against 2.00%" in said
    assert "At 1,000 users a day: 22 days." in said


def test_a_cohort_takes_more_users_in_all(capsys):
    assert main(["ab", "plan", "--baseline", "0.015", "--detect", "0.005", "--share", "0.1", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan == {"treatment": 6_250, "control": 56_242, "total": 62_492, "days": None}


def test_an_analysis_begins_with_the_answer(table, capsys):
    assert main(["ab", "analyse", str(table), "--margin", "0.1", "--cost", "usd"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Acceptable: not worse by more than 10 pt."
    assert said[1:3] == ["  treatment: 1.25% errors of 80 users", "  control:   2.50% errors of 80 users"]
    assert said[-1].startswith("  cost: -0.002000 USD a user")


def test_answers_of_one_user_count_as_one(table, capsys):
    assert main(["ab", "analyse", str(table), "--margin", "0.1", "--user", "user", "--cost", "usd", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["outcome"], found["users"]) == ("pass", [40, 40])
    assert found["cost"]["value"] == pytest.approx(-0.004)


def test_a_worse_treatment_is_exit_status_1(tmp_path, capsys):
    rows = [
        f"{variant},{n % 4 > 0 if variant == 'treatment' else True}"
        for variant in ("treatment", "control")
        for n in range(200)
    ]
    (tmp_path / "ab.csv").write_text("variant,ok\n" + "\n".join(rows), "utf-8")
    assert main(["ab", "analyse", str(tmp_path / "ab.csv"), "--margin", "0.01"]) == 1
    assert capsys.readouterr().out.startswith("Not acceptable: worse by more than 1 pt.")


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("a,b\n1,2\n", (), "ab.csv:1: there is no column 'variant', but a, b.\nName it: --variant COLUMN"),
        ("variant,ok\ntreatment,true\nblue,true\n", (), "ab.csv:3: the variant is 'blue': treatment or control"),
        ("variant,ok\ntreatment,maybe\n", (), "ab.csv:2: ok is 'maybe': true or false is needed"),
        ("variant,ok,usd\ntreatment,true,-1\n", ("--cost", "usd"), "ab.csv:2: usd is '-1': US dollars from 0 up"),
        ("variant,ok\ntreatment,true\ntreatment,true\n", (), "ab.csv: 0 users have the variant 'control'"),
        ("u,variant,ok\n1,control,1\n1,treatment,1\n", ("--user", "u"), "ab.csv:3: user '1' has both variants"),
        ("", (), "ab.csv:1: there is no column 'variant', but nothing"),
        (None, (), "ab.csv: the table cannot be read"),
    ],
)
def test_a_wrong_table_is_told_by_its_line(tmp_path, capsys, text, options, said):
    path = tmp_path / "ab.csv"
    if text is not None:
        path.write_text(text, "utf-8")
    assert main(["ab", "analyse", str(path), "--margin", "0.01", *options]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        "plan --baseline 0 --detect 0.1",
        "plan --baseline 0.1 --detect nan",
        "plan --baseline 0.1",
        "analyse x --margin 2",
    ],
)
def test_numbers_that_cannot_be_are_a_wrong_command_line(argv, capsys):
    with pytest.raises(SystemExit) as left:
        main(["ab", *argv.split()])
    assert left.value.code == 2
    assert "llmcost ab" in capsys.readouterr().err


def test_rates_stay_below_one(capsys):
    assert main(["ab", "plan", "--baseline", "0.9", "--detect", "0.2"]) == 2
    assert "add up to 1.1" in capsys.readouterr().err
