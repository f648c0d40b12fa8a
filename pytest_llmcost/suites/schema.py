"""What may stand in a suite: one table a mapping, from which everything about its keys is derived."""

from __future__ import annotations

from pytest_llmcost.suites.tree.fields import ByShape, Key, ListOf, NamedOf, Table
from pytest_llmcost.suites.tree.values import Boolean, Data, Kind, Money, NotYet, Number, OneOf, Only, Text, Word

_IN_MODELS = "keys, headers and addresses belong to [tool.llmcost.models.NAME] in the configuration"
_IN_SETTINGS = "it belongs to [tool.llmcost] in the configuration"
_NOT_OURS = "code that is called back belongs to conftest.py"

PARAMS = Table(
    "params",
    {
        "temperature": Key(Number(0, 2), "how freely tokens are drawn; 0 takes the likeliest"),
        "max_tokens": Key(Number(1, 1_000_000, is_whole=True), "longest answer, in tokens"),
        "top_p": Key(Number(0, 1), "share of the likeliest tokens to draw from"),
        "top_k": Key(Number(1, 1_000_000, is_whole=True), "number of likeliest tokens to draw from"),
        "min_p": Key(Number(0, 1), "least probability of a token, as a share of the likeliest's"),
        "seed": Key(Number(0, 2**63 - 1, is_whole=True), "start of the random numbers"),
        "stop": Key(
            ByShape(Text(may_be_blank=True), ListOf(Text(may_be_blank=True), at_least=1, at_most=16)),
            "text(s) at which the answer ends",
        ),
        "presence_penalty": Key(Number(-2, 2), "against tokens that are there"),
        "frequency_penalty": Key(Number(-2, 2), "against tokens by how often they are there"),
        "repetition_penalty": Key(Number(0, 10), "against tokens that are there, as a factor"),
        "logprobs": Key(Boolean(), "whether log-probabilities are asked for"),
        "top_logprobs": Key(Number(0, 100, is_whole=True), "rivals of each token that are asked for"),
        "logit_bias": Key(NamedOf(Number(-100, 100), "token"), "token to bias"),
        "reasoning_effort": Key(OneOf(("none", "minimal", "low", "medium", "high", "xhigh")), "how long to think"),
    },
    not_yet=frozenset(
        ("stream", "service_tier", "tools", "tool_choice", "parallel_tool_calls", "response_format", "thinking")
    ),
    refused={
        **dict.fromkeys(("api_key", "api_base", "base_url", "api_version", "organization"), _IN_MODELS),
        **dict.fromkeys(("extra_headers", "headers", "extra_body", "extra_query", "custom_llm_provider"), _IN_MODELS),
        **dict.fromkeys(("timeout", "num_retries", "max_retries", "fallbacks", "caching", "cache"), _IN_SETTINGS),
        **dict.fromkeys(("callbacks", "success_callback", "failure_callback", "logger_fn"), _NOT_OURS),
        "n": "each answer is paid, and only one would be looked at",
        "max_completion_tokens": "max_tokens is what the budget counts with",
        "model": "a strategy names its model",
        "messages": "a suite or a strategy has its messages beside params",
        "mock_response": "answers come from models",
    },
)

_SHARE = Number(0, 1)
_INCREASE = Number(0)

GATE = Table(
    "gate",
    {
        "quality": Key(
            Table(
                "gate.quality",
                {
                    "margin": Key(Number(above=0, high=0.99), "largest accepted drop of the mean score"),
                    "min": Key(_SHARE, "floor of the mean score"),
                    "fail_on": Key(
                        OneOf(("drop_of_margin", "any_drop", "beyond_margin")), "how sure and how large a drop fails"
                    ),
                },
                not_yet=frozenset({"anytime"}),
            ),
            "is it worse",
        ),
        "cost": Key(
            Table(
                "gate.cost",
                {
                    "max_usd_per_case": Key(Money(), "cap, as if nothing were cached"),
                    "max_increase": Key(_INCREASE, "largest accepted increase over the baseline; 0.10 is ten per cent"),
                },
            ),
            "is it dearer",
        ),
        "tokens": Key(
            Table("gate.tokens", {"max_increase": Key(_INCREASE, "largest accepted increase over the baseline")}),
            "is it longer",
        ),
        "latency": Key(
            Table(
                "gate.latency",
                {
                    "p95_seconds": Key(Number(above=0), "cap of the 95th percentile"),
                    "max_increase": Key(_INCREASE, "largest accepted increase over the baseline"),
                    "fail": Key(Boolean(), "whether it can fail the run; otherwise it warns"),
                },
                not_yet=frozenset({"ttft_p95_seconds"}),
            ),
            "is it slower",
        ),
        "errors": Key(
            Table("gate.errors", {"max_rate": Key(_SHARE, "largest accepted share without an answer")}),
            "are cases left unanswered",
        ),
        "coverage": Key(
            Table("gate.coverage", {"min": Key(_SHARE, "least share of the baseline's cases that are still there")}),
            "are cases gone",
        ),
    },
)

PART = Table(
    "a part of a message",
    {
        "type": Key(
            OneOf(("text",), frozenset({"image_url", "input_audio", "file"})), "the kind of part", is_required=True
        ),
        "text": Key(Text(may_be_blank=True), "a template", is_required=True),
    },
    not_yet=frozenset({"image_url", "input_audio", "file", "cache_control"}),
    stand_ins=frozenset({"image_url", "input_audio", "file"}),
)

MESSAGE = Table(
    "a message",
    {
        "role": Key(
            OneOf(("system", "developer", "user", "assistant"), frozenset({"tool", "function"})),
            "system, user or assistant",
            is_required=True,
        ),
        "content": Key(
            ByShape(Text(may_be_blank=True), ListOf(PART, item="a part", at_least=1)), "a template", is_required=True
        ),
    },
    not_yet=frozenset({"name", "tool_calls", "tool_call_id", "cache_control"}),
    stand_ins=frozenset({"tool_calls", "tool_call_id"}),
)
_MESSAGES = ListOf(MESSAGE, item="a message", at_least=1)
_CALIBRATE = Key(Boolean(), "whether label probabilities are corrected for the model's bias")
_PARAMS = Key(PARAMS, "request parameters")
_GATE = Key(ByShape(Only(False), mapping=GATE), "bounds of the verdicts; false: measured, never judged")
_PARSE = Key(
    ByShape(
        OneOf(("text", "label"), frozenset({"json", "regex"})),
        mapping=NotYet("a parse with options", "text or label"),
    ),
    "what is taken from the model's text as the answer",
)
_WHO_ANSWERS = frozenset({"cascade", "route", "policy", "use", "app", "http", "answers"})

STRATEGY = Table(
    "a strategy",
    {
        "model": Key(
            ByShape(Text(), mapping=NotYet("a strategy in the place of a model", "a tier or a model's name")),
            "a tier, or a model such as openai/gpt-4o-mini",
            is_required=True,
        ),
        "prompt": Key(Text(), "template, instead of the suite's"),
        "system": Key(Text(may_be_blank=True), "template, instead of the suite's; empty: none"),
        "messages": Key(_MESSAGES, "chat, instead of the suite's"),
        "params": Key(PARAMS, "request parameters, over the suite's one by one"),
        "parse": _PARSE,
        "calibrate": _CALIBRATE,
        "examples": Key(Number(0, is_whole=True), "how many of the suite's examples, from the first"),
        "gate": _GATE,
    },
    not_yet=_WHO_ANSWERS | {"semantic_cache", "context", "tools", "response_format", "prefix_cache"},
    stand_ins=_WHO_ANSWERS,
)

_EXPECTED_LATER = NotYet("an expected mapping", "text, or a list of texts any of which is right")

EXAMPLE = Table(
    "an example",
    {"expected": Key(ByShape(Word(), mapping=_EXPECTED_LATER), "the answer to show", is_required=True)},
    rest=Data(),
)

_TAG = Word(
    r"[\w.-]+",
    longest=100,
    refused=dict.fromkeys(
        ("skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings"),
        "it is a marker of pytest, which would change how the case is reported",
    ),
    needed="a word of letters, digits, _ - .",
)

CASE = Table(
    "a case",
    {
        "id": Key(
            Word(r"(?s)(?!gate\[).*\S.*", longest=200, needed="text that does not begin with 'gate['"),
            "its name, unique in the suite",
        ),
        "expected": Key(
            ByShape(Word(), ListOf(Word(), at_least=1), _EXPECTED_LATER),
            "the right answer, or a list of right ones",
            is_required=True,
        ),
        "tags": Key(ListOf(_TAG, item="a tag"), "markers for -m"),
        "meta": Key(Table("meta", {}, rest=Data()), "notes of any kind, which the model does not see"),
    },
    not_yet=frozenset({"group", "must_pass", "quarantine", "scorer", "threshold", "strict", "messages", "turns"}),
    rest=Data(),
    named_by="id",
)

CASES = ListOf(CASE, item="case", at_least=1, skips_wrong=True)
"""A bare list of cases is a suite, too."""

_STRATEGY_NAME = Word(
    r"(?!gate\[)(?!\s)(?:(?!::)[^\x00-\x1f\x7f])+(?<!\s)",
    longest=100,
    needed="text on one line, without '::' or spaces at its ends,",
)

SUITE = Table(
    "a suite",
    {
        "suite": Key(Text(), "a name to show; the suite's identity is its path"),
        "description": Key(Text(may_be_blank=True), "what is asked, and what for"),
        "labels": Key(ListOf(Word(), at_least=2, at_most=1_000), "the closed set of answers"),
        "system": Key(Text(), "template of the system message"),
        "prompt": Key(Text(), "template of the question; a case's fields are its variables"),
        "messages": Key(_MESSAGES, "a chat, instead of system and prompt"),
        "style": Key(OneOf(("chat", "text")), "turns through the model's template, or one plain text"),
        "examples": Key(ListOf(EXAMPLE, item="an example", skips_wrong=True), "solved cases that are shown first"),
        "params": _PARAMS,
        "strategies": Key(
            ByShape(
                sequence=ListOf(_STRATEGY_NAME, at_least=1),
                mapping=NamedOf(STRATEGY, "strategy", name=_STRATEGY_NAME),
            ),
            "ways to answer, by name; or a list of tiers and models",
        ),
        "parse": _PARSE,
        "calibrate": _CALIBRATE,
        "scorer": Key(
            ByShape(
                OneOf(
                    ("exact", "label"),
                    frozenset({"contains", "regex", "numeric", "json", "similarity", "judge", "python", "not"}),
                ),
                NotYet("a list of scorers", "exact or label"),
                NotYet("a scorer with options", "exact or label"),
            ),
            "what turns an answer into a score",
        ),
        "threshold": Key(Number(above=0, high=1), "score from which an answer counts as correct"),
        "budget_usd": Key(Money(), "spending cap of this suite, within the run's"),
        "gate": _GATE,
        "cases": Key(CASES, "the questions, with their right answers", is_required=True),
    },
    not_yet=frozenset(
        (
            *("prompt_file", "system_file", "tools", "response_format", "prefix_cache"),
            *("strict", "repeats", "cases_from", "context", "semantic_cache", "turns", "group"),
        )
    ),
    stand_ins=frozenset({"cases_from"}),
)

ROOT: Kind = ByShape(sequence=CASES, mapping=SUITE)
"""The whole file."""
