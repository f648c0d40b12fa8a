"""Two teams in one project: what a folder's own `llmcost.toml` changes for its suites, and for nobody else's."""

from __future__ import annotations

from collections import Counter

import pytest
from fakes.project import CASES, Project, numbered_cases

PLAIN_AND_XDIST = pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])


def two_teams(project: Project, settings: str, **suite: object) -> None:
    """Write the same suite in the folders `mail` and `shop`, and *settings* for `mail` alone."""
    project.write("pytest.ini", "[pytest]\n")
    project.write("mail/llmcost.toml", settings)
    for folder in ("mail", "shop"):
        project.suite(suite.pop("cases", None), name=f"{folder}/bench_{folder}.yaml", **suite)  # type: ignore[arg-type]


@PLAIN_AND_XDIST
def test_a_tier_is_another_model_in_one_folder_and_each_is_counted_at_its_price(
    project: Project, workers: tuple[str, ...]
) -> None:
    root = (project.path / "llmcost.toml").read_text()
    dear = root.replace(".ours", ".dear").replace("= 1.0", "= 10.0").replace("= 2.0", "= 20.0")
    project.write("llmcost.toml", f'{root}{dear}[tiers]\nmid = "ours"\n')
    two_teams(project, '[tiers]\nmid = "dear"\n', strategies={"one": {"model": "mid"}})
    assert project.run("--llm-budget", *workers).ret == 0
    header, *trials = project.runs()[-1]
    usd = {folder: sum(t["usd"] for t in trials if t["suite"].startswith(folder)) for folder in ("mail", "shop")}
    assert usd["mail"] == pytest.approx(10 * usd["shop"])
    models = {suite: strategies["one"]["model"] for suite, strategies in header["strategies"].items()}
    assert models == {"mail/bench_mail.yaml": "dear", "shop/bench_shop.yaml": "ours"}


@PLAIN_AND_XDIST
def test_a_folders_cap_ends_its_calls_alone(project: Project, workers: tuple[str, ...]) -> None:
    two_teams(project, "max_cost_usd = 0.0003\n")
    for folder in ("mail", "shop"):
        project.suite(numbered_cases(24), name=f"{folder}/bench_{folder}.yaml")
    result = project.run("--llm-budget", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    _, *trials = project.runs()[-1]
    skipped = Counter(t["suite"] for t in trials if t.get("not_run"))
    assert set(skipped) == {"mail/bench_mail.yaml"}
    assert 0 < sum(t["paid_usd"] for t in trials if t["suite"] == "mail/bench_mail.yaml") <= 0.0003
    said = next(t["not_run"] for t in trials if t.get("not_run"))
    assert said.startswith("budget reached ($0.0003, mail/llmcost.toml)")
    assert "Raise max_cost_usd in mail/llmcost.toml" in said


@PLAIN_AND_XDIST
def test_defaults_of_a_folder_hold_for_its_suites_and_their_files_start_there(
    project: Project, workers: tuple[str, ...]
) -> None:
    project.write("mail/ask.md", "Team mail asks: {{ text }}")
    project.write("ask.md", "All ask: {{ text }}")
    root = (project.path / "llmcost.toml").read_text()
    project.write("llmcost.toml", f'{root}[defaults]\nprompt_file = "ask.md"\nparse = "label"\n')
    two_teams(project, '[defaults]\nprompt_file = "ask.md"\nsystem = "Be kind."\n')
    for folder in ("mail", "shop"):
        text = "labels: [shop, other]\nstrategies: [ours]\nscorer: label\n"
        project.write(f"{folder}/bench_{folder}.yaml", f"{text}cases: [{{text: My order, expected: shop}}]\n")
    assert project.run("--llm-budget", *workers).ret == 0
    assert sorted(project.server.prompts) == [
        "All ask: My order",
        "Be kind.\nTeam mail asks: My order",
    ]


@PLAIN_AND_XDIST
def test_a_mistake_in_a_folders_file_fails_its_suites_with_the_line_and_the_others_run(
    project: Project, workers: tuple[str, ...]
) -> None:
    two_teams(project, "# ours\nconcurrency = 4\n")
    result = project.run("--llm-budget", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*mail/llmcost.toml:2: concurrency holds for a whole run. Move it to llmcost.toml."])
    assert {line["suite"] for line in project.runs()[-1][1:]} == {"shop/bench_shop.yaml"}


def test_a_mistake_in_a_folders_defaults_is_told_in_its_line(project: Project) -> None:
    two_teams(project, '# ours\n[defaults.params]\n\ntemprature = 0\n[strategies.x]\nmodel = "mdi"\n')
    project.write("mail/bench_mail.yaml", "prompt: '{{ text }}'\nstrategies: [x]\ncases: [{text: a, expected: b}]\n")
    result = project.run("--llm-budget", "mail")
    result.stdout.fnmatch_lines(
        [
            "*mail/llmcost.toml:4:1: unknown key 'temprature' in params (did you mean 'temperature'?)*",
            "*mail/llmcost.toml:6:1: unknown tier 'mdi'*",
        ]
    )


def test_a_looser_gate_is_no_gate(project: Project) -> None:
    root = (project.path / "llmcost.toml").read_text()
    project.write("llmcost.toml", f"{root}[defaults.gate.quality]\nmin = 0.9\n")
    two_teams(project, "[defaults.gate.quality]\nmin = 0.1\n")
    result = project.run("--llm-budget")
    line = root.count("\n") + 2
    result.stdout.fnmatch_lines([f"*mail/llmcost.toml:2: *quality.min is looser than 0.9 in llmcost.toml:{line}.*"])
    assert {line["suite"] for line in project.runs()[-1][1:]} == {"shop/bench_shop.yaml"}


@PLAIN_AND_XDIST
def test_tests_in_python_have_their_folders_models_and_caps(project: Project, workers: tuple[str, ...]) -> None:
    project.write("pytest.ini", "[pytest]\n")
    project.write("mail/llmcost.toml", '[tiers]\nteam = "ours"\n[defaults]\nstrategies = ["team"]\n')
    project.write("mail/deep/llmcost.toml", "max_cost_usd = 0\n")
    test = "def test_it(llm):\n    assert llm.complete('My order', max_tokens=4).text == 'shop'\n"
    project.write("mail/test_mail.py", test)
    project.write("mail/deep/test_deep.py", test.replace("'My order'", "'My other order'"))
    project.write("shop/test_shop.py", test)
    result = project.run("--llm-budget", *workers)
    result.assert_outcomes(passed=1, failed=3)  # the two without an answer, and gate[errors] of the one that asked
    said = result.stdout.str()
    assert "budget reached ($0.00, mail/deep/llmcost.toml)" in said
    assert "llm.complete needs a model: name one" in said


def test_the_command_lines_tier_goes_before_a_folders(project: Project) -> None:
    two_teams(project, '[tiers]\nmid = "openai/nobody"\n', strategies={"one": {"model": "mid"}}, cases=CASES[:1])
    assert project.run("--llm-budget", "--llm-tier=mid=ours", "mail").ret == 0
