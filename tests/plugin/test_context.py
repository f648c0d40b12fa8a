"""Looking things up, end to end: from YAML to prompts, run file, summary, comparison and baseline."""

from __future__ import annotations

import json

import pytest
from fakes.project import Project
from fakes.stub_server import Asked, Reply, answer, error

CASES = [
    {"id": "leave", "question": "How many days of leave?", "expected": "25", "expected_source": "docs/leave.md"},
    {"id": "bonus", "question": "When is the bonus paid?", "expected": "25", "expected_source": "docs/leave.md"},
]
LEAVE = "Leave is 25 days a year. Ask your team two weeks ahead, in the calendar. Marry, and get one day more."
PAGES = {"leave": LEAVE, "pay": "The bonus is paid in November.", "fire": "Leave by the green sign, and meet outside."}


def suite(project: Project, documents: str | list[str] = "docs/*.md") -> None:
    for name, text in PAGES.items():
        project.write(f"docs/{name}.md", text)
    strategies = {
        "closed": {"model": "ours", "context": False},
        "full": {"model": "ours"},
        "short": {"model": "ours", "context": {"compress_to": 10}},
    }
    about = {"prompt": "{{ question }}", "context": {"documents": documents, "top_k": 1}, "scorer": "contains"}
    project.write("bench_mail.yaml", json.dumps({**about, "strategies": strategies, "cases": CASES}))


def test_what_is_looked_up_is_asked_with_kept_and_compared(project: Project) -> None:
    project.server.play(answer("25 days"))
    suite(project)

    estimated = project.run("--llm-budget", "--llm-estimate")
    estimated.stdout.fnmatch_lines(["*closed*2*", "*full*2*"])
    assert not project.server.requests
    result = project.run("--llm-budget", "--llm-update-baseline")

    leave = [prompt for prompt in project.server.prompts if "leave?" in prompt]
    assert sorted(leave, key=len) == [
        "How many days of leave?",
        "[docs/leave.md]\nLeave is 25 days a year.\n\nHow many days of leave?",
        f"[docs/leave.md]\n{LEAVE}\n\nHow many days of leave?",
    ]
    _, *lines = project.runs()[-1]
    found = {(line["strategy"], line["case"]): line.get("passages") for line in lines}
    assert found["closed", "leave"] is None
    (passage,) = found["short", "bonus"]
    assert passage.keys() == {"source", "part", "tokens", "sha256"}
    assert passage["source"] == "docs/pay.md"
    result.stdout.fnmatch_lines(
        [
            "*::full",
            "*context: about * tokens a case, in 1.0 passages; recall@1 50.0% of 2 cases",
            "*source not found for bonus",
        ]
    )
    assert "Ask your team" not in (project.path / "llm_baselines/bench_mail.jsonl").read_text()

    project.write("docs/fire.md", "Leave by the red sign.")
    again = project.run("--llm-budget", "--llm-strategy=full")
    again.stdout.fnmatch_lines(["*changed since the baseline: documents"])


def test_a_document_that_cannot_be_read_is_a_mistake_with_its_place_and_nothing_is_asked(project: Project) -> None:
    suite(project, ["docs/*.md", "docs/none.md"])
    (project.path / "docs" / "photo.md").write_bytes(b"\x89PNG\0")

    result = project.run("--llm-budget")

    assert result.ret == 1
    text = result.stdout.str()
    assert "'docs/none.md': the file cannot be read: No such file or directory" in text
    assert "docs/photo.md:1:1: byte 0x89 is not UTF-8" in text
    assert not project.server.requests


def test_a_model_that_compresses_is_asked_paid_and_replayed_as_part_of_the_answer(project: Project) -> None:
    def reply(asked: Asked) -> Reply:
        return answer("25 days" if "<text-1>" in asked.prompt else "It is 25")(asked)

    project.server.play(reply)
    project.write("docs/leave.md", LEAVE)
    context = {"documents": "docs/*.md", "compress_to": 8, "compressor": {"model": "ours", "params": {"seed": 7}}}
    about = {"prompt": "{{ question }}", "context": context, "scorer": "contains"}
    project.write("bench_mail.yaml", json.dumps({**about, "strategies": {"it": {"model": "ours"}}, "cases": CASES[:1]}))

    estimated = project.run("--llm-budget", "--llm-estimate")
    estimated.stdout.fnmatch_lines(["mail *it *2 *0 *520 *"])  # (of output: 8 of the compressor, 512 of the answer)
    project.run("--llm-budget").assert_outcomes(passed=2)
    project.run("--llm-budget", "--llm-mode=replay").assert_outcomes(passed=2)

    compression, asked = project.server.requests
    assert (compression.body["max_tokens"], compression.body["seed"]) == (8, 7)
    assert asked.prompt == "[docs/leave.md]\n25 days\n\nHow many days of leave?"
    (_, first), (_, again) = project.runs()[-2:]
    tokens = [[(call["input_tokens"], call["output_tokens"]) for call in line["calls"]] for line in (first, again)]
    assert tokens[0] == tokens[1] == [(len(one.prompt.split()), count) for one, count in ((compression, 2), (asked, 3))]
    assert first["usd"] == again["usd"] == pytest.approx(sum(one + 2 * other for one, other in tokens[0]) / 1e6)
    assert (first["paid_usd"], again["paid_usd"]) == (first["usd"], 0)

    project.server.play(error(400, "no such thing"))
    failed = project.run("--llm-budget", "--llm-mode=live")
    failed.assert_outcomes(failed=2)
    assert len(project.server.requests) == 1, "the compressor's failure is the case's"
