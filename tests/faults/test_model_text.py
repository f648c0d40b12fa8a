"""What a model writes is data: bounded, stored so that it comes back, and shown so that it steers nothing."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from fakes.project import CASES, Project
from fakes.streams import in_chunks
from fakes.stub_server import Asked, Reply, answer, as_json

HOSTILE = "shop\x00\x1b[2J\x1b]0;owned\x07\r::error::pwned\n::set-output name=a::b\u202e\u2028\ud800\x9b31m"
STEERS = ("\x00", "\x1b", "\x07", "\x9b", "\u202e")


def files(project: Project) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in project.path.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("is_stream", "workers"), [(False, ()), (True, ()), (False, ("-n2",))], ids=["whole", "streamed", "two workers"]
)
def test_e11_text_that_would_steer_a_terminal_or_a_log_is_stored_whole_and_shown_inert(
    project: Project, is_stream: bool, workers: tuple[str, ...]
) -> None:
    project.configure(keep_text=True)
    project.suite(CASES[:2], parse="text", scorer="exact", strict=True, params={"max_tokens": 50, "stream": is_stream})
    script = answer(HOSTILE, usage={"prompt_tokens": 5, "completion_tokens": 20})
    project.server.play(in_chunks(script) if is_stream else script)

    for mode in ("auto", "replay"):
        result = project.run("--llm-budget", f"--llm-mode={mode}", "-vv", "--junitxml=junit.xml", *workers)
        output = result.stdout.str() + result.stderr.str()

        assert result.ret == 1
        assert output.count("pwned") >= 2, "it is shown"
        assert not [mark for mark in STEERS if mark in output]
        assert not [line for line in output.splitlines() if line.lstrip().startswith("::")]
        assert "INTERNALERROR" not in output
        ElementTree.parse(project.path / "junit.xml")
        trials = project.runs()[-1][1:]
        assert [trial["got"] for trial in trials] == [HOSTILE.replace("\ud800", "\ufffd")] * 2
        assert "\\u001b" in json.dumps(trials[0])
    assert len(project.server.requests) == 2


def test_e11_bytes_that_are_no_text_are_a_broken_reply_and_shown_inert(project: Project) -> None:
    def broken(asked: Asked) -> Reply:
        body = answer("shop")(asked).body
        return Reply(body.replace(b"shop", b"sh\xff\xfe\x1b[31mop"))

    project.configure(attempts=2)
    project.suite(CASES[:1])
    project.server.play(broken)

    result = project.run("--llm-budget", "-vv")

    (trial,) = project.runs()[-1][1:]
    assert (result.ret, trial["error_kind"], len(project.server.requests)) == (1, "broken reply", 2)
    assert "\x1b" not in result.stdout.str()
    assert trial["paid_usd"] > 0, "it may be billed"


@pytest.mark.parametrize("where", ["model", "error", "header"])
def test_e11_what_else_a_server_says_of_itself_is_shown_inert(project: Project, where: str) -> None:
    evil = "gpt\x1b[2J\n::error::pwned\u202e"
    reply = {
        "model": answer("shop", model=evil, usage={"prompt_tokens": 5, "completion_tokens": 1}),
        "error": as_json({"error": {"message": evil, "type": evil, "code": evil}}, status=400),
        "header": Reply(status=307, headers={"Location": "http://127.0.0.1:9/\u202e::error::"}),
    }[where]
    project.suite(CASES[:1])
    project.server.play(reply)

    output = project.run("--llm-budget", "-vv").stdout.str()

    assert not [mark for mark in STEERS if mark in output]
    assert not [line for line in output.splitlines() if line.lstrip().startswith("::")]


def test_e11_a_megabyte_on_one_line_is_refused_at_the_first_attempt_and_fills_no_screen(project: Project) -> None:
    project.suite(CASES[:1], params={"max_tokens": 8})
    project.server.play(answer("x" * 1_100_000, usage={"prompt_tokens": 5, "completion_tokens": 8}))

    result = project.run("--llm-budget", "-vv")

    assert (result.ret, len(project.server.requests)) == (1, 1)
    assert len(result.stdout.str()) < 20_000
    assert max(map(len, files(project).values())) < 200_000


def test_e11_a_long_answer_within_the_bound_is_kept_whole_and_shown_short(project: Project) -> None:
    project.suite(CASES[:1], parse="text", scorer="exact", strict=True)
    project.server.play(answer("x" * 900_000, usage={"prompt_tokens": 5, "completion_tokens": 8}))

    result = project.run("--llm-budget", "-vv")
    again = project.run("--llm-budget", "-vv", "--llm-mode=replay")

    assert len(result.stdout.str()) + len(again.stdout.str()) < 40_000
    assert len({run[1]["answer_sha256"] for run in project.runs()}) == 1


MORE_CACHED_THAN_INPUT = {"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 50}}
MORE_THOUGHT_THAN_OUTPUT = {
    "prompt_tokens": 5,
    "completion_tokens": 1,
    "completion_tokens_details": {"reasoning_tokens": 90},
}


@pytest.mark.parametrize(
    ("usage", "transport"),
    [
        (MORE_CACHED_THAN_INPUT, "auto"),
        (MORE_CACHED_THAN_INPUT, "litellm"),
        (MORE_THOUGHT_THAN_OUTPUT, "auto"),
        ({"prompt_tokens": 0, "completion_tokens": 0}, "auto"),
        ({"prompt_tokens": 0, "completion_tokens": 0}, "litellm"),
        ({"prompt_tokens": 5}, "auto"),
        ({"prompt_tokens": None, "completion_tokens": None}, "auto"),
    ],
)
def test_e09_usage_that_cannot_be_never_makes_an_answer_free(
    project: Project, usage: dict[str, object], transport: str
) -> None:
    project.configure(transport=transport, attempts=1)
    project.suite(CASES[:1])
    project.server.play(answer("shop", usage=usage))

    result = project.run("--llm-budget")

    (trial,) = project.runs()[-1][1:]
    assert trial["paid_usd"] > 0, trial
    if trial["error"]:
        assert trial["error_kind"] == "broken reply"
    else:
        assert trial["usd"] > 0
        result.stdout.fnmatch_lines(["*note: 1 answer: usage *"])
