"""`Router` and `Cascade` in an application: no pytest, no suite, the project's tiers and budget."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.stub_server import StubServer
from fakes.two_models import two_models

from pytest_llmcost import Cascade, Project, Router, choose_model
from pytest_llmcost.domain.errors import BudgetReached, NoStrategy, SettingsError

SETTINGS = """
attempts = 1
[tiers]
cheap = "small"
mid = "small"
frontier = "big"
huge = "frontier"
[models.small]
model = "openai/small"
api_base = "{base}"
api_key_env = "OUR_KEY"
[models.big]
model = "openai/big"
api_base = "{base}"
api_key_env = "OUR_KEY"
[prices.small]
input = 100
output = 100
[prices.big]
input = 1000
output = 1000
"""


@pytest.fixture
def server() -> Iterator[StubServer]:
    with StubServer(two_models()) as stub:
        yield stub


@pytest.fixture
def root(server: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an application that is configured."""
    monkeypatch.setenv("OUR_KEY", "sk-test-canary-4711")
    (tmp_path / "llmcost.toml").write_text(SETTINGS.format(base=server.base))
    return tmp_path


@pytest.fixture
def project(root: Path) -> Iterator[Project]:
    made = Project(root, budget_usd=5)
    yield made
    made.close()


def test_a_cascade_is_asked_synchronously_and_from_any_loop_and_pays_for_every_step(project: Project) -> None:
    cascade = Cascade([{"use": "cheap", "accept": 0.9}, "frontier"], labels=["shop", "other"], project=project)

    sure = cascade.complete("My order is late", max_tokens=4)
    unsure = asyncio.run(cascade.acomplete("Will it rain?", max_tokens=4))

    assert (sure.value, sure.answered_by, sure.confidence) == ("shop", "cheap", pytest.approx(0.95))
    assert (unsure.value, unsure.answered_by) == ("other", "frontier")
    assert [step.name for step in unsure.steps] == ["cheap", "frontier"]
    assert unsure.usd > 5 * sure.usd > 0


def test_a_router_goes_by_the_complexity_or_by_any_field_and_each_part_has_its_own_prompt(
    project: Project, server: StubServer
) -> None:
    by_level = Router(project=project)
    by_task = Router(
        {"weather": "frontier", "money": {"model": "cheap", "prompt": "Short: {{ text }} ({{ tone }})"}},
        by="task",
        project=project,
    )

    assert by_level.complete("Will it rain?", complexity="high").answered_by == "complex > frontier"
    assert by_level.complete("What is the capital of France?").answered_by == "simple > cheap"
    chat = [{"role": "user", "content": "Design a cache, prove it safe, and weigh the trade-offs of two layouts."}]
    assert by_level.complete(chat).answered_by == "complex > frontier"
    assert by_task.complete("My refund?", task="money", fields={"tone": "kind"}, system="Sort.").text == "shop"
    assert server.prompts[-1] == "Short: My refund? (kind)"
    assert by_task.choose(task="weather") == "frontier"
    assert by_level.choose("What is the capital of France?") == "cheap"
    with pytest.raises(NoStrategy, match="task is spam"):
        by_task.choose(task="spam")


def test_mistakes_and_the_budget_are_told_before_anything_is_paid(root: Path, server: StubServer) -> None:
    project = Project(root, budget_usd=0.000001)
    with pytest.raises(SettingsError, match=r"cascade: unknown strategy or tier 'cheep' \(did you mean 'cheap'\?\)"):
        Cascade([{"use": "cheep", "accept": 0.9}, "mid"], labels=["a", "b"], project=project).complete("?")
    for step in ({"use": "cheap", "accept": 0.9}, {"use": "cheap", "accept": 0.9, "parse": "label"}):
        with pytest.raises(SettingsError, match=r"labels=\["):
            Cascade([step, "mid"], project=project).complete("?")
    with pytest.raises(NoStrategy, match="complexity is simple"):
        Router({"a": "mid"}, by="complexity", project=project).complete("Hello")
    with pytest.raises(BudgetReached):
        Router({"a": "mid"}, by="task", otherwise="mid", project=project).complete("Hello")
    project.close()
    assert server.requests == []


@pytest.mark.parametrize(
    ("asked", "model"),
    [
        ("complex", "big"),
        ("high", "big"),
        ("medium", "small"),
        ("simple", "small"),
        ("low", "small"),
        ("huge", "big"),
        ("cheap", "small"),
        ("big", "big"),
    ],
)
def test_choose_model_by_level_tier_or_name(root: Path, asked: str, model: str) -> None:
    assert choose_model(asked, root=root) == model


def test_choose_model_tells_which_tiers_there_are(root: Path) -> None:
    with pytest.raises(SettingsError, match="'hard' is neither a level nor a tier; tiers are: cheap, mid, frontier"):
        choose_model("hard", root=root)
    (root / "llmcost.toml").write_text('[tiers]\nlarge = "openai/gpt-4o"\n')
    with pytest.raises(SettingsError, match="'complex' needs the tier 'frontier', which is not configured; tiers are"):
        choose_model("complex", root=root)


CHOOSES = """
import json, sys, time
from pytest_llmcost import Router, Project
router = Router({"spam": "cheap", "legal": "frontier"}, by="task", otherwise="mid", project=Project(sys.argv[1]))
router.choose(task="spam")
print(json.dumps(sorted({"pytest", "litellm", "scipy", "aiohttp"} & set(sys.modules))))
"""


def test_choosing_imports_no_client_and_leaves_nothing_behind(root: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CHOOSES, str(root)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
    assert [path.name for path in root.iterdir()] == ["llmcost.toml"]
