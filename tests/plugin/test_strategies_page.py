"""docs/strategies.md, done as it says: its suite runs, its tests pass, its application asks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fakes.project import Project
from fakes.two_models import two_models

PAGE = (Path(__file__).parents[2] / "docs" / "strategies.md").read_text("utf-8")
FILES = dict(re.findall(r"^<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
IN_TESTS, IN_APPLICATIONS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
MODELS = {"gpt-4o-mini": "mid", "gpt-4o": "frontier", "gpt-4.1-nano": "cheap"}


@pytest.fixture
def asked(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The page's files, its models at the stub server: the frontier is its big one."""
    project.server.play(two_models())
    own = "".join(
        f'[models."{tier}-stub"]\nmodel = "openai/{"big" if tier == "frontier" else "small"}"\n'
        f'api_base = "{project.server.base}"\napi_key_env = "OUR_KEY"\n'
        f'[prices."{tier}-stub"]\ninput = 1\noutput = 1\n'
        for tier in MODELS.values()
    )
    settings = FILES["llmcost.toml"]
    for model, tier in MODELS.items():
        settings = settings.replace(f'"openai/{model}"', f'"{tier}-stub"')
    project.write("llmcost.toml", settings + own)
    project.write("mail_kinds.py", "def kind(case):\n    return 'order' if 'order' in case['text'] else None\n")
    project.pytester.syspathinsert()
    monkeypatch.chdir(project.path)
    return project


def test_the_pages_suite_runs_and_each_strategy_asks_as_it_says(asked: Project) -> None:
    asked.write("bench_mail.yaml", FILES["bench_mail.yaml"])

    result = asked.run("--llm-budget")

    assert not result.ret
    _, *lines = asked.runs()[-1]
    steps = {(line["strategy"], line["case"]): [step["step"] for step in line.get("steps", [])] for line in lines}
    assert steps["small", "late"] == steps["seeded", "late"] == []
    assert (steps["both", "late"], steps["both", "rain"]) == (["cheap"], ["cheap", "frontier"])
    assert steps["by-task", "late"] == ["otherwise > cheap"]
    assert steps["by-task", "refund"] == ["spam > cheap"]
    assert steps["by-task", "rain"] == ["legal > frontier"]
    assert steps["by-level", "rain"] == steps["by-level", "late"] == ["simple > cheap"]
    assert (steps["by-code", "late"], steps["by-code", "rain"]) == (["order > cheap"], ["otherwise > careful"])


def test_the_pages_tests_pass_and_its_application_asks(asked: Project, capsys: pytest.CaptureFixture[str]) -> None:
    asked.write("test_page.py", IN_TESTS)
    asked.run("--llm-budget").assert_outcomes(passed=1)
    capsys.readouterr()

    names: dict[str, object] = {}
    exec(compile(IN_APPLICATIONS, "docs/strategies.md", "exec"), names)

    names["project"].close()  # type: ignore[attr-defined]
    assert names["model"] == "cheap-stub"
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("shop ")
    assert said[0].endswith("cheap")
    assert said[1:] == ["frontier", "shop"]
