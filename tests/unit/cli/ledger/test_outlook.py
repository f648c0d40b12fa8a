"""`llmcost ledger forecast` and `llmcost ledger alerts`, as they are typed."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from fakes.webhook import WebhookServer

from pytest_llmcost.cli import main
from pytest_llmcost.costs.ledger.ledger import Ledger

DAY = 86_400
PRICES = '[prices."acme/small"]\ninput = 1\noutput = 2\n[prices."acme/large"]\ninput = 10\noutput = 20\n'


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "llmcost.toml").write_text(PRICES, "utf-8")
    (tmp_path / ".llmcost").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    return tmp_path


def fill(days=50, escalated_now=0):
    """Ten calls a day of two dollars in all; of the last week's some are escalated to a model ten times as dear."""
    now = time.time()
    with Ledger(".llmcost/ledger.sqlite") as ledger:
        for back in range(days + 1, -1, -1):
            for call in range(10):
                names = {"task": "mail\x1b[31m", "timestamp": now - back * DAY}
                ledger.record("acme/small", cost_usd=0.2, prompt_tokens=100_000, completion_tokens=50_000, **names)
                if call < escalated_now and back <= 7:
                    ledger.record(
                        "acme/large", cost_usd=2.0, prompt_tokens=100_000, completion_tokens=50_000, step=1, **names
                    )


def budgets(project, daily, monthly):
    text = f"{PRICES}[budgets]\ndaily_usd = {daily}\nmonthly_usd = {monthly}\n"
    (project / "llmcost.toml").write_text(text, "utf-8")


def test_the_months_end_and_the_next_one(project, capsys):
    fill()
    budgets(project, 4, 80)
    assert main(["ledger", "forecast"]) == 0
    shown = capsys.readouterr().out
    assert "month's end:  $" in shown
    assert "budget $80.00" in shown
    assert "from 50 whole days" in shown
    assert main(["ledger", "forecast", "--json", "--zone", "UTC"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["known_days"] == 50
    assert document["next_month"]["expected_usd"] == pytest.approx(2 * len(document["days"][-31:]), abs=6.1)
    assert document["days"][-1]["high95_usd"] == pytest.approx(2.0)


def test_spend_within_plan_ends_with_status_0_and_nothing_is_posted(project, capsys):
    fill()
    budgets(project, 4, 80)
    with WebhookServer(200) as server:
        assert main(["ledger", "alerts", "--webhook", server.url]) == 0
    assert capsys.readouterr().out == "spend is within plan\n"
    assert server.posted == []


def test_spend_over_plan_ends_with_status_1_and_is_explained_in_text_json_and_at_the_webhook(capsys):
    fill(escalated_now=3)
    assert main(["ledger", "alerts", "--tolerance", "0.5"]) == 1
    shown = capsys.readouterr().out
    assert "week over forecast (" in shown
    assert "  escalation:          +$42.00\n" in shown
    assert "most of it: mail\\u001b[31m on acme/large +$42.00\n" in shown
    with WebhookServer(503, 200) as server:
        assert main(["ledger", "alerts", "--json", "--webhook", f"{server.url}/canary"]) == 1
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert server.posted[-1] == ("/canary", document)
    assert "canary" not in captured.out + captured.err
    for alert in document["alerts"]:
        change = alert["change"]
        assert sum(change["parts_usd"].values()) == pytest.approx(change["now_usd"] - change["before_usd"])


def test_what_has_no_known_cost_is_said_and_not_taken_for_nothing(capsys):
    fill(days=2)
    with Ledger(".llmcost/ledger.sqlite") as ledger:
        ledger.record("acme/unheard-of")
    assert main(["ledger", "alerts"]) == 0
    shown = capsys.readouterr().out
    assert "what is known of spend is within plan" in shown
    assert "1 call without a known cost is in no amount" in shown


def test_a_webhook_that_does_not_take_it_ends_with_status_2_after_the_alerts_are_shown(project, capsys):
    fill(days=2)
    budgets(project, 1, 1000)
    with WebhookServer(404) as server:
        assert main(["ledger", "alerts", "--webhook", server.url]) == 2
    captured = capsys.readouterr()
    assert "day over budget" in captured.out
    assert "too little history for a forecast: 2 whole days of 21" in captured.out
    assert "status 404" in captured.err


def test_without_a_ledger_none_is_made(project, capsys):
    assert main(["ledger", "forecast"]) == 2
    assert "there is no ledger yet" in capsys.readouterr().err
    assert [*(project / ".llmcost").iterdir()] == []
    (project / "llmcost.toml").write_text('ledger = ""\n', "utf-8")
    assert main(["ledger", "alerts"]) == 2
    assert "the ledger is off" in capsys.readouterr().err
