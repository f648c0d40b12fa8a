"""A real small language model on this machine: what it answers depends on the request, and on nothing else."""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_llmcost.calls.providers.local import LocalProvider, prefix
from pytest_llmcost.calls.providers.local.engine import Engine
from pytest_llmcost.calls.weights.find import find_weights
from pytest_llmcost.calls.weights.folder import ModelFolder, models_folder
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError, WeightsError
from pytest_llmcost.domain.request import Endpoint, Request

pytestmark = pytest.mark.live

INSTRUCTION = "Sort each message by topic: shop (orders, delivery, returns, payments) or other (anything else)."
EXAMPLES = (
    ("Where is my order?", "shop"),
    ("What is the capital of France?", "other"),
    ("I want my money back", "shop"),
    ("Tell me a joke", "other"),
)
QUESTIONS = ("My parcel has not arrived", "Who won the world cup?", "N/A")

Ask = Callable[[Request], Completion]


@pytest.fixture(scope="module")
def weights() -> Path:
    pytest.importorskip("xllamacpp", reason="the engine is not installed: pip install 'pytest-llmcost[local]'")
    try:
        return find_weights("smollm2-135m", ModelFolder(models_folder()), Path.cwd())
    except WeightsError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def ask(weights: Path) -> Iterator[Ask]:
    with asyncio.Runner() as runner:
        provider = LocalProvider(lambda _: weights)
        yield lambda request: runner.run(provider(request))
        runner.run(provider.aclose())


def triage(question: str, style: str = "text", **params: Any) -> Request:
    """Return a request of the form that suites make: instruction and examples first, the same for all cases."""
    leading = [{"role": "system", "content": INSTRUCTION}]
    for message, topic in EXAMPLES:
        if style == "text":
            leading.append({"role": "user", "content": f"Message: {message}\nTopic: {topic}"})
        else:
            leading += [{"role": "user", "content": message}, {"role": "assistant", "content": topic}]
    last = {"role": "user", "content": f"Message: {question}\nTopic:" if style == "text" else question}
    return Request(
        Endpoint("local/smollm2-135m"),
        (*leading, last),
        {"temperature": 0, "max_tokens": 4, "logprobs": True, "top_logprobs": 20} | params,
        style=style,
        prefix_messages=len(leading),
    )


def story(max_tokens: int) -> Request:
    """Return a request whose answer is as long as allowed."""
    message = {"role": "user", "content": "Once upon a time"}
    params = {"temperature": 0, "max_tokens": max_tokens, "stop": ["no such text"]}
    return Request(Endpoint("local/smollm2-135m"), (message,), params, style="text")


def what_was_said(completion: Completion) -> tuple[Any, ...]:
    """Return all of it that has to repeat."""
    return completion.text, completion.usage, completion.finish_reason, completion.logprobs


def test_the_labels_are_among_the_first_tokens_alternatives(ask: Ask) -> None:
    answer = ask(triage("My parcel has not arrived"))

    first = answer.logprobs[0]
    assert len(first.top) == 20
    assert {" shop", " other"} <= {token for token, _ in first.top}
    assert first.logprob == max(logprob for _, logprob in first.top) < 0
    assert answer.text.strip() in ("shop", "other")


@pytest.mark.parametrize("style", ["text", "chat"])
def test_answers_are_equal_to_the_last_bit_in_any_order(ask: Ask, style: str) -> None:
    requests = [triage(question, style) for question in QUESTIONS]
    first = [what_was_said(ask(request)) for request in requests]

    for seed in range(2):
        order = random.Random(seed).sample(range(len(requests)), len(requests))
        again = {i: what_was_said(ask(requests[i])) for i in order}
        assert [again[i] for i in range(len(requests))] == first


def test_answers_are_equal_in_another_process_whatever_was_asked_before(ask: Ask, weights: Path) -> None:
    request = triage("Who won the world cup?")
    ask(triage("N/A"))

    other = _run(f"""
        answer = asyncio.run(provider({request!r}))
        print(repr((answer.text, answer.usage, answer.finish_reason, answer.logprobs)))
    """, weights)  # fmt: skip

    assert other.stdout.strip() == repr(what_was_said(ask(request)))


@pytest.mark.parametrize("style", ["text", "chat"])
def test_the_shared_prefix_counts_as_cached_for_the_first_case_too(weights: Path, style: str) -> None:
    async def two() -> list[Completion]:
        provider = LocalProvider(lambda _: weights)
        answers = [await provider(triage("N/A", style)) for _ in range(2)]
        await provider.aclose()
        return answers

    first, second = asyncio.run(two())

    assert first.usage == second.usage
    assert first.usage.input_tokens - 20 < first.usage.cached_input_tokens < first.usage.input_tokens
    assert first.flags[0].startswith("prefix evaluated in ")
    assert second.flags[:1] != first.flags[:1]


def test_without_a_shared_prefix_nothing_counts_as_cached(ask: Ask) -> None:
    request = replace(triage("N/A"), prefix_messages=0)

    assert [ask(request).usage.cached_input_tokens for _ in range(2)] == [0, 0]


def test_a_saved_state_that_had_to_go_is_evaluated_again_to_the_same_bits(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = triage("N/A")
    before = what_was_said(ask(request))
    monkeypatch.setattr(prefix, "MOST_BYTES", 1)
    ask(replace(request, prefix_messages=1))

    again = ask(request)

    assert again.flags[0].startswith("prefix evaluated in ")
    assert what_was_said(again) == before


def test_another_trial_of_a_sampled_request_is_another_answer_and_the_same_one_repeats(ask: Ask) -> None:
    request = triage("N/A", temperature=1.5, max_tokens=12, stop=["no such text"])
    again = replace(request, trial=2)

    assert ask(request).text == ask(request).text
    assert ask(request).text != ask(again).text


@pytest.mark.parametrize("style", ["text", "chat"])
def test_log_probabilities_may_be_asked_for_without_alternatives(ask: Ask, style: str) -> None:
    for params in ({"top_logprobs": 0}, {"top_logprobs": None}):
        answer = ask(triage("N/A", style, **params))
        assert [token.top for token in answer.logprobs] == [()] * len(answer.logprobs) != []


def test_a_response_format_is_kept(ask: Ask) -> None:
    schema = {"type": "object", "properties": {"fish": {"type": "boolean"}}, "required": ["fish"]}
    asked = {"type": "json_schema", "json_schema": {"schema": schema}}

    for style in ("text", "chat"):
        request = triage("Is a trout a fish?", style, max_tokens=40, response_format=asked)
        answer = ask(replace(request, prefix_messages=0))
        assert answer.text.lstrip().startswith("{")
        assert '"fish"' in answer.text


def test_e04_a_prompt_beyond_the_context_window_says_both_sizes(ask: Ask) -> None:
    with pytest.raises(CallError, match=r"has \d+ tokens, .* window holds 8192") as caught:
        ask(triage("word " * 9000))

    assert (caught.value.kind, caught.value.is_retryable) == ("context too long", False)


def test_text_that_the_engine_cannot_take_is_an_error_of_that_call_alone(ask: Ask) -> None:
    with pytest.raises(CallError) as caught:
        ask(triage("half a pair: \ud800"))

    assert caught.value.kind == "engine fault"
    assert ask(triage("N/A")).text


def test_t06_control_characters_and_emoji_are_asked_as_they_are(ask: Ask) -> None:
    assert ask(triage("\x00\x1b[31m \u202e 🎣")).usage.output_tokens > 0


def test_a_cancelled_call_ends_before_the_next_one_starts(weights: Path) -> None:
    async def cancel_and_ask() -> Completion:
        provider = LocalProvider(lambda _: weights)
        await provider(story(1))
        running = asyncio.create_task(provider(story(60)))
        await asyncio.sleep(0.1)
        running.cancel()
        answer = await provider(story(1))
        assert running.cancelled()
        await provider.aclose()
        return answer

    assert asyncio.run(cancel_and_ask()).usage.output_tokens == 1


def test_closing_waits_for_the_running_call_and_removes_all_files(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def close_meanwhile() -> Completion:
        provider = LocalProvider(lambda _: weights)
        await provider(triage("N/A"))
        assert [path.suffix for path in tmp_path.glob("*/*")] == [".bin"]
        assert [path.stat().st_mode & 0o077 for path in tmp_path.iterdir()] == [0]
        running = asyncio.create_task(provider(story(30)))
        await asyncio.sleep(0.1)
        await provider.aclose()
        return await running

    assert asyncio.run(close_meanwhile()).usage.output_tokens == 30
    assert list(tmp_path.iterdir()) == []


def test_the_engines_port_answers_nobody_without_its_key(weights: Path) -> None:
    engine = Engine("local/smollm2-135m", weights)
    connection = http.client.HTTPConnection("127.0.0.1", engine.port)
    try:
        connection.request("POST", "/completion", json.dumps({"prompt": "Hi"}))
        assert connection.getresponse().status == 401
    finally:
        connection.close()
        engine.close()


def test_the_engine_writes_nothing_to_the_terminal(weights: Path) -> None:
    done = _run("asyncio.run(provider(request))", weights)

    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_leaving_while_a_call_runs_on_a_daemon_thread_is_no_crash(weights: Path) -> None:
    done = _run("""
        import threading, time
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(provider(request), loop).result()
        asyncio.run_coroutine_threadsafe(provider(long_request), loop)
        time.sleep(0.2)
    """, weights)  # fmt: skip

    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another signal there")
@pytest.mark.parametrize("times", [1, 2])
def test_e14_ctrl_c_while_a_call_runs_is_no_crash(weights: Path, times: int) -> None:
    running = _run("""
        async def main():
            await provider(request)
            print("ready", flush=True)
            await provider(long_request)
        asyncio.run(main())
    """, weights, wait=False)  # fmt: skip
    with running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == "ready\n"
        for _ in range(times):
            time.sleep(0.15)
            running.send_signal(signal.SIGINT)
        said = running.stderr.read()
    assert running.returncode == -signal.SIGINT
    assert said.splitlines()[-1] == "KeyboardInterrupt"


def _run(program: str, weights: Path, wait: bool = True) -> Any:
    preamble = f"""
        import asyncio
        from pathlib import Path
        from pytest_llmcost.calls.providers.local import LocalProvider
        from pytest_llmcost.domain.completion import TokenLogprob
        from pytest_llmcost.domain.request import Endpoint, Request
        provider = LocalProvider(lambda _: Path({str(weights)!r}))
        request, long_request = {story(2)!r}, {story(60)!r}
    """
    code = textwrap.dedent(preamble) + textwrap.dedent(program)
    command = [sys.executable, "-W", "error", "-c", code]
    if wait:
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, text=True)
