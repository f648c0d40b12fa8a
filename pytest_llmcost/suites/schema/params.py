"""What is sent along with a request, and what never may be."""

from __future__ import annotations

from pytest_llmcost.suites.tree.fields import Key, Table
from pytest_llmcost.suites.tree.shapes import ByShape, ListOf, NamedOf
from pytest_llmcost.suites.tree.values import Boolean, Number, OneOf, Text

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
        "stream": Key(Boolean(), "whether the answer is streamed, so that its first token is timed"),
        "service_tier": Key(
            OneOf(("batch", "default", "flex", "priority")),
            "tier that is asked for, and its rate; batch is asked as default, and costs are stated at its rate",
        ),
        "reasoning_effort": Key(OneOf(("none", "minimal", "low", "medium", "high", "xhigh")), "how long to think"),
    },
    not_yet=frozenset(("tools", "tool_choice", "parallel_tool_calls", "thinking")),
    refused={
        **dict.fromkeys(("api_key", "api_base", "base_url", "api_version", "organization"), _IN_MODELS),
        **dict.fromkeys(("extra_headers", "headers", "extra_body", "extra_query", "custom_llm_provider"), _IN_MODELS),
        **dict.fromkeys(("timeout", "num_retries", "max_retries", "fallbacks", "caching", "cache"), _IN_SETTINGS),
        **dict.fromkeys(("callbacks", "success_callback", "failure_callback", "logger_fn"), _NOT_OURS),
        "n": "each answer is paid, and only one would be looked at",
        "max_completion_tokens": "max_tokens is what the budget counts with",
        "model": "a strategy names its model",
        "messages": "a suite or a strategy has its messages beside params",
        "response_format": "it stands beside params",
        "mock_response": "answers come from models",
    },
)
