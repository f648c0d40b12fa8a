from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.domain.policy import Learned, Policy, PolicyStep, outdated
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.suites.mixes import read_mix
from pytest_llmcost.suites.policies import read_policy

KNOWN = ("cheap", "mid", "frontier")
SMALL = "format: llmcost-policy/1\notherwise: mid\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "support.yaml"


def read(path: Path, text: str, **options) -> Policy:
    path.write_text(text, "utf-8")
    return read_policy(path, **options)


def mistakes(path: Path, text: str) -> list[str]:
    with pytest.raises(SuiteError) as caught:
        read(path, text, known=KNOWN)
    return [f"{problem.line}: {problem.message}" for problem in caught.value.problems]


def test_a_policy_by_hand_is_short(path):
    policy = read(
        path, "format: llmcost-policy/1\nby: task\nto:\n  legal: frontier\n  spam: {use: cheap}\notherwise: mid\n"
    )
    assert policy.ways == {"legal": (PolicyStep("frontier"),), "spam": (PolicyStep("cheap"),)}
    assert (policy.by, policy.otherwise, policy.learned) == ("task", (PolicyStep("mid"),), None)
    assert policy.names() == {"cheap", "mid", "frontier"}


def test_a_cascade_has_thresholds_and_may_say_what_its_confidence_is(path):
    text = "format: llmcost-policy/1\notherwise:\n  cascade:\n  - {use: cheap, accept: 0.9, confidence: {json: sure}}\n"
    policy = read(path, text + "  - {use: mid, accept: 0.9}\n  - use: frontier\n")
    assert policy.otherwise == (
        PolicyStep("cheap", 0.9, {"json": "sure"}),
        PolicyStep("mid", 0.9),
        PolicyStep("frontier"),
    )


@pytest.mark.parametrize(
    ("request_", "way"),
    [
        ({"task": "legal"}, "frontier"),
        ({"task": "news"}, "mid"),
        ({}, "mid"),
        ({"task": None}, "mid"),
        ({"task": 7}, "cheap"),
        ({"task": True}, "cheap"),
        ({"task": ["news", "legal", "spam"]}, "frontier"),
        ({"other": "legal"}, "mid"),
    ],
)
def test_the_request_decides_by_the_value_as_yaml_writes_it(path, request_, way):
    text = SMALL + "by: task\nto: {legal: frontier, spam: cheap, 7: cheap, true: cheap}\n"
    assert read(path, text).choose(request_)[0].use == way


def test_a_newer_format_is_refused_by_name_before_its_keys_are_called_unknown(path):
    (only,) = mistakes(path, "format: llmcost-policy/2\nnews: 1\n")
    assert (
        only
        == "1: the format is 'llmcost-policy/2', and this version reads 'llmcost-policy/1'. Upgrade pytest-llmcost."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1: this is no llmcost-policy: it names no format"),
        ("- 1\n", "1: this is no llmcost-policy: it names no format"),
        ("format: llmcost-run/1\n", "1: this is no llmcost-policy: its format is 'llmcost-run/1'"),
        (SMALL + "ohterwise: x\n", "3: unknown key 'ohterwise' in a policy (did you mean 'otherwise'?)"),
        ("format: llmcost-policy/1\n", "1: the policy has no 'otherwise'"),
        (SMALL + "by: task\n", "1: 'by' and 'to' go together"),
        (SMALL.replace("mid", "chap"), "2: unknown tier 'chap' (did you mean 'cheap'?)"),
        (SMALL + "by: t\nto: {a: {use: mild}}\n", "4: unknown tier 'mild' (did you mean 'mid'?)"),
        (SMALL + "by: t\nto: {a: {use: mid, cascade: [{use: cheap, accept: 0.1}, {use: mid}]}}\n", "one of 'use' and"),
        (SMALL + "by: t\nto: {a: {cascade: [{use: mid}]}}\n", "4: cascade has length 1: at least 2 is needed"),
        (SMALL + "by: t\nto: {a: {cascade: [{use: cheap}, {use: mid}]}}\n", "4: a step has no 'accept', and others"),
        (SMALL + "by: t\nto: {a: {cascade: [{use: cheap, accept: 1.1}, {use: mid}]}}\n", "a number from 0 up to 1"),
        (SMALL + "by: t\nto: {a: {cascade: [{use: cheap, accept: .nan}, {use: mid}]}}\n", "no finite number"),
        (
            SMALL + "by: t\nto: {a: {cascade: [{use: cheap, accept: 0.5}, {use: mid, accept: 0.4}]}}\n",
            "4: the last step's answer is always taken. Leave 'accept' out",
        ),
        (
            SMALL
            + "by: t\nto: {a: {cascade: [{use: cheap, accept: 0.5}, {use: mid, accept: 0.8}, {use: frontier}]}}\n",
            "4: accept rises from 0.5 to 0.8",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_what_to_do(path, text, said):
    assert any(said in message for message in mistakes(path, text)), mistakes(path, text)


def test_all_mistakes_are_told_at_once(path):
    text = (
        "format: llmcost-policy/1\nby: t\nto:\n  a: chap\n  b: {cascade: [{use: mild, accept: 0.5}, {use: fronteer}]}\n"
    )
    assert [message.split(" (")[0] for message in mistakes(path, text + "otherwise: mid\n")] == [
        "4: unknown tier 'chap'",
        "5: unknown tier 'mild'",
        "5: unknown tier 'fronteer'",
    ]


def test_a_model_and_the_strategies_that_it_was_learned_from_need_no_configuration(path):
    text = (
        "format: llmcost-policy/1\nby: t\nto: {a: openai/gpt-4o-mini}\notherwise: careful\n"
        "learned:\n  started: x\n  loss: 0.1\n  confidence: 0.9\n  safe: careful\n"
        "  strategies: {bench.yaml: {careful: {fingerprint: ab, model: local/x}}}\n"
    )
    assert read(path, text, known=()).otherwise[0].use == "careful"


@pytest.mark.parametrize("make", ["missing", "folder", "latin"])
def test_a_file_that_cannot_be_read_is_said(path, make):
    if make == "folder":
        path.mkdir()
    elif make == "latin":
        path.write_bytes(b"format: \xff")
    with pytest.raises(SuiteError, match=r"support\.yaml:1:"):
        read_policy(path)


def test_a_policy_outside_of_the_root_is_refused_where_there_is_one(path, tmp_path):
    path.write_text(SMALL, "utf-8")
    inside = tmp_path / "project"
    inside.mkdir()
    with pytest.raises(SuiteError, match="not below"):
        read_policy(path, root=inside)
    assert read_policy(path, root=tmp_path).path == "support.yaml"


def test_what_a_policy_is_older_than_is_said_strategy_by_strategy():
    def record(fingerprint: str = "fp", model: str = "m", price: float = 1) -> StrategyRecord:
        return StrategyRecord(fingerprint, model, {model: {"input": price}})

    learned = Learned("", 0.02, 0.9, "a", strategies={"s": {name: record() for name in "abcd"}})
    now = {"s": {"a": record(), "b": record("other"), "c": record("new", "n"), "d": record(price=2)}}
    assert list(outdated(learned, now)) == [
        "s::b changed since the policy was learned: prompt or parameters",
        "s::c changed since the policy was learned: the model is now n",
        "the prices of s::d changed since the policy was learned",
    ]
    assert list(outdated(learned, {})) == []


def test_a_mix_is_numbers_or_shares(path):
    path.write_text("{spam: 600, legal: 200}", "utf-8")
    assert read_mix(path) == {"spam": 0.75, "legal": 0.25}


@pytest.mark.parametrize("text", ["", "[]", "{a: -1}", "{a: many}", "{a: 0}"])
def test_what_is_no_mix_is_refused(path, text):
    path.write_text(text, "utf-8")
    with pytest.raises(SuiteError, match=r"support\.yaml:1:"):
        read_mix(path)
