"""Several suites in one run: judged one by one and together, and corrected as the configuration says."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from fakes.project import Project, numbered_cases
from fakes.stub_server import Asked, Reply, answer

NAMES = ("bench_mail.yaml", "bench_post.yaml")


def wrong_for_three(asked: Asked) -> Reply:
    """Answer wrongly about the orders 10, 20 and 30."""
    is_one = str(asked.body["messages"][-1]["content"]).endswith(("10", "20", "30"))
    return answer("other" if is_one else "shop")(asked)


@pytest.fixture
def changed(project: Project) -> Project:
    """Two suites of 40 cases in two trials each, whose prompt was changed since the baseline was stored."""
    project.configure(family="suite")
    for prompt, script, stores in (("Whose?", answer("shop"), True), ("Whose mail?", wrong_for_three, False)):
        for name in NAMES:
            project.suite(numbered_cases(40), name=name, prompt=prompt + " {{ text }}", suite=name, repeats=2)
        project.server.play(script)
        if stores:
            assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    return project


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
def test_a_drop_that_no_suite_can_show_fails_the_run_in_the_verdict_on_all(
    changed: Project, workers: tuple[str, ...]
) -> None:
    """Three losses are p = 1/16 and six p = 1/128. It is told in the header and JUnit, and no baseline is stored."""
    result = changed.run("--llm-budget", "-vv", "--junitxml=out.xml", "--llm-update-baseline", *workers)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines_random(
        [
            '*family = "suite": 2 suites and the verdict on all keep 5% of false alarms each, so that up to 14% of *',
            "all suites",
            "  FAIL  quality: worse, -7.5 pt [[]*]: 6 lost, 0 won of 80 in 2 suites, means of 2 trials; "
            "p = 0.0078, margin 5 pt",
            "  inconclusive  quality: cannot tell: 3 lost, 0 won of 40, *",
            "  labels: macro-F1 0.*, Cohen's kappa 0.*",
            "    shop         80 * other 6",
            "  2 trials a case: pass@1 92.5%, pass@2 92.5%, pass^2 92.5%; flickering: none",
            "  latency: p50 * s, p95 * s, p99 * s",
            "  without an answer: 0.0%; 100.0% of the baseline's cases asked again",
            "*baseline of bench_mail.yaml not stored: all suites::gate[[]quality] failed.*",
        ]
    )
    said = {
        f"{case.get('classname')}::{case.get('name')}": case
        for case in ET.parse(changed.path / "out.xml").iter("testcase")
    }
    on_all = said["all suites::gate[quality]"]
    assert on_all.find("failure") is not None
    assert {p.get("name"): p.get("value") for p in on_all.iter("property")}["n"] == "80"
