from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path

import pytest
from fakes.lessons import write_project
from fakes.process import run_python

from pytest_llmcost import PolicyWarning, Router
from pytest_llmcost.assembly.models import price_fields
from pytest_llmcost.assembly.reread import reread
from pytest_llmcost.assembly.strategy_record import strategy_record
from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.domain.policy import Learned, Policy, PolicyStep
from pytest_llmcost.domain.trial import Run, RunHeader, StrategyRecord
from pytest_llmcost.reports.policy_file import policy_text
from pytest_llmcost.suites.read import read_suite

PRICES = '[prices."stub/cheap"]\ninput = 1\noutput = 1\n[prices."stub/dear"]\ninput = 10\noutput = 10\n'
SUITE = "bench_mail.yaml"
NOTHING = Run(RunHeader("", {}, None, {}), ())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two tiers, their prices and a suite."""
    write_project(tmp_path, [{"id": "a", "text": "one", "expected": "yes"}])
    with (tmp_path / "llmcost.toml").open("a") as file:
        file.write(PRICES)
    return tmp_path


def records(project: Path) -> dict[str, StrategyRecord]:
    """The suite's strategies, as they are today."""
    again = reread(project, NOTHING)
    suite = read_suite(project / SUITE, root=project, models=again.models)
    return {spec.name: strategy_record(suite, spec, again.models) for spec in suite.strategies}


def write_policy(project: Path, **changes: StrategyRecord) -> Path:
    """Write the policy that was learned from the suite as it is, but for *changes*."""
    learned = Learned("2026-11-24", 0.02, 0.9, "dear", strategies={SUITE: {**records(project), **changes}})
    ways = {"spam": (PolicyStep("cheap", 0.84), PolicyStep("dear")), "news": (PolicyStep("cheap"),)}
    path = project / "policies" / "mail.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(policy_text(Policy("", (PolicyStep("dear"),), "task", ways, learned), [], {}), "utf-8")
    return path


def test_an_application_asks_which_way_a_request_goes(project):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        router = Router.from_policy(write_policy(project))
    assert router.notes == ()
    assert [router.choose(task=task) for task in ("news", "spam", "legal")] == ["cheap", "cheap > dear", "dear"]
    first, last = router.way("Win a million!", task="spam")
    assert (first.use, first.accept, last.use, last.accept) == ("cheap", 0.84, "dear", None)
    assert router.choose() == "dear"


def test_a_policy_older_than_its_prompts_says_so(project):
    path = write_policy(project)
    suite = project / SUITE
    suite.write_text(suite.read_text("utf-8").replace('"{{ text }}"', '"Answer: {{ text }}"'), "utf-8")
    with pytest.warns(PolicyWarning, match="Learn it anew") as caught:
        router = Router.from_policy(path)
    assert router.notes == (
        f"{SUITE}::cheap changed since the policy was learned: prompt or parameters",
        f"{SUITE}::dear changed since the policy was learned: prompt or parameters",
    )
    assert len(caught) == 2
    assert caught[0].filename == __file__


def test_a_policy_older_than_its_prices_says_so_also_where_its_suites_are_not(project):
    path = write_policy(project)
    (project / SUITE).unlink()
    assert Router.from_policy(path).notes == ()
    settings = project / "llmcost.toml"
    settings.write_text(settings.read_text("utf-8").replace("input = 10", "input = 12"), "utf-8")
    with pytest.warns(PolicyWarning):
        router = Router.from_policy(path)
    assert router.notes == (f"the prices of {SUITE}::dear changed since the policy was learned",)


def test_a_suite_that_is_spoilt_is_said_and_the_policy_works(project):
    path = write_policy(project)
    (project / SUITE).write_text("cases: 7", "utf-8")
    with pytest.warns(PolicyWarning):
        router = Router.from_policy(path)
    assert router.notes[0].startswith(f"{SUITE} cannot be read, so that its prompts are not compared ({SUITE}:1:")
    assert router.choose(task="news") == "cheap"


def test_a_tier_that_is_another_model_now_is_said(project):
    path = write_policy(project)
    (project / SUITE).unlink()
    settings = project / "llmcost.toml"
    settings.write_text(settings.read_text("utf-8").replace('dear = "stub/dear"', 'dear = "stub/cheap"'), "utf-8")
    with pytest.warns(PolicyWarning):
        router = Router.from_policy(path)
    assert router.notes == ("tier dear is now stub/cheap, and was stub/dear when the policy was learned",)


def test_an_unknown_tier_is_refused_unless_the_application_knows_it(project):
    path = project / "by_hand.yaml"
    path.write_text("format: llmcost-policy/1\notherwise: deer\n", "utf-8")
    with pytest.raises(SuiteError, match=r"unknown tier 'deer' \(did you mean 'dear'\?\)"):
        Router.from_policy(path)
    assert Router.from_policy(path, known=["deer"]).choose() == "deer"


PRODUCTION = """
import sys
from pytest_llmcost import Router
router = Router.from_policy(sys.argv[1])
print(router.choose(task="news"), sorted({"pytest", "_pytest", "litellm", "scipy", "numpy"} & set(sys.modules)))
"""


def test_production_imports_neither_pytest_nor_litellm_nor_scipy(project):
    assert run_python(PRODUCTION, write_policy(project)) == "cheap []\n"


def test_the_prices_of_a_record_come_back_from_its_file_as_they_went(project):
    before = records(project)["dear"]
    assert before.prices == {"stub/dear": price_fields(reread(project, NOTHING).models.price_of("stub/dear"))}
    kept = Router.from_policy(write_policy(project)).policy.learned.strategies[SUITE]["dear"]
    assert kept == dataclasses.replace(before, parts={})  # which part changed, a policy does not say
