"""Cases as pytest items: right, missed, or not answered."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from fakes.project import CASES, Project
from fakes.stub_server import answer, error, in_turn


def test_a_case_is_right_missed_or_not_answered(project: Project) -> None:
    project.suite()
    project.configure(attempts=1)
    script = project.server.script
    project.server.play(lambda asked: error(500) if "refund" in asked.prompt else script(asked))
    result = project.run("--llm-budget", "-rA")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "bench_mail.yaml *F*",
            "bench_mail.yaml:*: case 'refund' has no answer by 'one' (ours)",
            "PASSED bench_mail.yaml::one::late",
            "FAILED bench_mail.yaml::one::refund*",
        ]
    )
    assert "1 missed" in result.stdout.str()


def test_a_missed_case_is_no_failure(project: Project) -> None:
    project.suite()
    result = project.run("--llm-budget", "-v")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["bench_mail.yaml::one::books MISSED*", "*1 missed*"])


def test_items_are_selected_by_node_id_keyword_tag_and_marker(project: Project) -> None:
    tagged = [{**case, "tags": ["reading" if case["id"] == "books" else "mail"]} for case in CASES]
    project.suite(tagged, strategies={"one": {"model": "ours"}, "two": {"model": "ours", "prompt": "? {{ text }}"}})
    strict = ("--strict-markers", "--llm-budget", "--collect-only", "-q")

    def selected(*args: str) -> list[str]:
        return [line for line in project.run(*strict, *args).outlines if "::" in line]

    assert selected("bench_mail.yaml::one::late") == ["bench_mail.yaml::one::late"]
    assert selected("-k", "late") == ["bench_mail.yaml::one::late", "bench_mail.yaml::two::late"]
    assert selected("-m", "reading") == ["bench_mail.yaml::one::books", "bench_mail.yaml::two::books"]
    assert len(selected("-m", "strategy(name='two')")) == 4
    assert len(selected("-m", "llm and not reading")) == 6
    assert not project.server.requests


def test_junit_shows_what_each_case_used(project: Project) -> None:
    project.suite()
    project.run("--llm-budget", "--junitxml=out.xml")
    cases = {case.get("name"): case for case in ET.parse(project.path / "out.xml").iter("testcase")}
    properties = {p.get("name"): p.get("value") for p in cases["late"].iter("property")}
    assert set(properties) == {"usd", "tokens", "seconds", "score"}
    assert float(properties["usd"] or 0) > 0
    assert properties["score"] == "1.0"


def test_what_a_model_writes_steers_no_terminal(project: Project) -> None:
    project.suite(parse="text", scorer="exact")
    project.server.play(answer("\x1b[2Jgone\n::error::hello"))
    result = project.run("--llm-budget")
    assert result.ret == 0
    assert "\x1b[2J" not in result.stdout.str()
    assert not any(line.startswith("::error") for line in result.outlines)


def test_a_bare_list_is_answered_by_the_default_strategies(project: Project) -> None:
    project.configure()
    config = (project.path / "llmcost.toml").read_text("utf-8")
    project.write("llmcost.toml", config + '[defaults]\nstrategies = ["ours"]\n')
    project.write("bench_mail.yaml", "".join(f'- {{text: "{c["text"]}", expected: {c["expected"]}}}\n' for c in CASES))
    result = project.run("--llm-budget")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*1 missed*"])
    assert "Answer with exactly one of: " in project.server.prompts[0]


def test_an_unknown_price_is_an_error_with_the_lines_that_mend_it(project: Project) -> None:
    project.suite(strategies={"one": {"model": "openai/gpt-99-nova"}})
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["*no price is known for 'openai/gpt-99-nova'*", '*tool.llmcost.prices."openai/gpt-99-nova"*', "*input = *"]
    )
    assert not project.server.requests


def test_a_bad_key_is_said_and_never_shown(project: Project) -> None:
    project.suite(CASES[:1])
    project.server.play(in_turn(error(401, "bad key sk-test-canary-4711")))
    result = project.run("--llm-budget", "--junitxml=out.xml")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*OUR_KEY*"])
    everything = result.stdout.str() + (project.path / "out.xml").read_text("utf-8") + str(project.runs())
    assert "canary" not in everything
    assert len(project.server.requests) == 1
