"""What may stand in a policy file: a route, and what it was learned from."""

from __future__ import annotations

from pytest_llmcost.suites.tree.fields import Key, Table
from pytest_llmcost.suites.tree.shapes import ByShape, ListOf, NamedOf
from pytest_llmcost.suites.tree.values import Data, Number, Text, Word

_SHARE = Number(0, 1)

STEP = Table(
    "a step",
    {
        "use": Key(Text(), "a tier, a strategy or a model", is_required=True),
        "accept": Key(_SHARE, "least confidence at which the answer is taken"),
        "confidence": Key(
            ByShape(Text(), mapping=Data("a mapping")), "what says how sure the answer is: logprob, {json: field}, ..."
        ),
    },
    named_by="use",
)

WAY = ByShape(
    Text(),
    mapping=Table(
        "a way to answer",
        {
            "use": Key(Text(), "a tier, a strategy or a model"),
            "cascade": Key(ListOf(STEP, item="a step", at_least=2), "steps, the cheapest first", is_required=True),
        },
        stand_ins=frozenset({"use"}),
    ),
)

LEARNED = Table(
    "learned",
    {
        "started": Key(Word(), "when the run was started", is_required=True),
        "commit": Key(Word(), "of the project, at the run"),
        "loss": Key(_SHARE, "largest accepted loss of quality", is_required=True),
        "confidence": Key(_SHARE, "how sure it is that the loss is not larger", is_required=True),
        "safe": Key(Text(), "what the loss is measured against", is_required=True),
        "prices": Key(
            Table(
                "prices",
                {"date": Key(Word(), "edition of the price list"), "sha256": Key(Word(), "its digest")},
            ),
            "the price list of the run",
        ),
        "strategies": Key(
            NamedOf(
                NamedOf(
                    Table(
                        "a strategy",
                        {
                            "fingerprint": Key(Word(), "as in the run", is_required=True),
                            "model": Key(Text(), "the model that it asks", is_required=True),
                            "prices": Key(NamedOf(Data("a mapping"), "price", name=Text()), "by model"),
                        },
                    ),
                    "strategy",
                    name=Text(),
                ),
                "suite",
                name=Text(),
            ),
            "what it was learned from, by suite and name",
        ),
        "month": Key(
            Table(
                "month",
                {
                    "requests": Key(Number(1, is_whole=True), "requests a month", is_required=True),
                    "usd": Key(Number(0), "what they cost", is_required=True),
                    "alone_usd": Key(
                        NamedOf(Number(0), "strategy", name=Text()), "what they cost where one strategy answers all"
                    ),
                },
            ),
            "expected cost of a month",
        ),
    },
)

POLICY = Table(
    "a policy",
    {
        "format": Key(Text(), "llmcost-policy/1", is_required=True),
        "by": Key(Text(), "field of the request that decides; or suite, tags, group"),
        "to": Key(NamedOf(WAY, "rule"), "ways to answer, by the value of that field"),
        "otherwise": Key(WAY, "the way of every other request", is_required=True),
        "learned": Key(LEARNED, "what it was learned from"),
    },
)
