"""What is looked up is said key by key, by the strategy, the suite and the configuration; documents are text files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pytest_llmcost.suites import documents
from pytest_llmcost.suites.project import Project
from pytest_llmcost.suites.strategies.alone import read_alone

CASE = {"question": "How many days?", "expected": "25"}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Two pages below the root."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "leave.md").write_text("25 days.")
    (folder / "pay.md").write_text("On the 25th.")
    return folder


def text(strategies: Any = None, cases: Any = None, **top: Any) -> str:
    suite = {
        "prompt": "{{ question }}",
        "strategies": strategies or {"it": {"model": "cheap"}},
        **top,
        "cases": cases or [CASE],
    }
    return json.dumps(suite, indent=0)


def test_a_strategy_says_what_it_wants_otherwise_than_the_suite_and_the_suite_than_the_defaults(read, docs):
    suite = read(
        text(
            {
                "plain": {"model": "cheap"},
                "short": {"model": "cheap", "context": {"compress_to": 20}},
                "used": {"use": "short", "context": {"top_k": 1}},
                "none": {"model": "cheap", "context": False},
                "own": {"model": "cheap", "context": {"documents": ["docs/pay.md", "docs/p*.md"]}},
                "steps": {
                    "cascade": [
                        {"use": "cheap", "accept": 0, "confidence": {"agreement": 2}, "context": {"top_k": 9}},
                        {"use": "none"},
                    ]
                },
                "around": {"route": {"by": "question", "to": {"How many days?": "short"}}, "context": {"top_k": 7}},
            },
            context={"documents": "docs/*.md"},
        ),
        defaults={"context": {"documents": "elsewhere/*.md", "chunk_tokens": 40}},
    )
    found = {spec.name: spec.context for spec in suite.strategies}
    sources = {name: [one.source for one in own.documents] for name, own in found.items() if own}
    assert sources["plain"] == ["docs/leave.md", "docs/pay.md"]
    assert sources["own"] == ["docs/pay.md"]
    assert (found["plain"].top_k, found["plain"].chunk_tokens, found["plain"].compress_to) == (3, 40, None)
    assert (found["used"].top_k, found["used"].compress_to) == (1, 20)
    assert found["none"] is found["steps"] is None
    *_, steps, around = (spec.plan for spec in suite.strategies)
    (routed,) = (part.context for part in around.parts())
    assert (routed.top_k, routed.compress_to) == (7, 20)
    first, last = (step.strategy.context for step in steps.steps)
    assert (first.top_k, last) == (9, None)


def test_templates_may_read_what_is_found_and_no_field_may_hide_it(read, mistakes, docs):
    prompt = "{% for d in documents %}{{ d.source }}{% endfor %}{{ context }} {{ question }}"
    top = {"context": {"documents": "docs/*.md"}, "prompt": prompt}
    assert read(text(**top)).strategies[0].prompt.prompt == prompt
    assert sorted(line.partition(": ")[2] for line in mistakes(text(prompt=prompt))) == [
        "unknown variable 'context'. There are 'question'",
        "unknown variable 'documents'. There are 'question'",
    ]
    (line,) = mistakes(text(cases=[{**CASE, "context": "mine"}], **top))
    assert line.endswith("field 'context' hides the suite's own variable. Rename it")
    own = text(cases=[{**CASE, "context": "mine"}], prompt="{{ context }} {{ question }}")
    assert mistakes(own) == [], "without anything to look up the names are free"


def test_a_case_names_the_documents_that_should_be_found(read, mistakes, docs):
    cases = [{**CASE, "expected_source": "docs/pay.md"}, {"question": "?", "expected": "x", "id": "b"}]
    suite = read(text(cases=cases, context={"documents": "docs/*.md"}))
    assert [case.sources for case in suite.cases] == [("docs/pay.md",), ()]
    assert suite.cases[0].fingerprint == read(text(context={"documents": "docs/*.md"})).cases[0].fingerprint
    cases[0]["expected_source"] = ["docs/pay.md", "docs/leaves.md"]
    (line,) = mistakes(text(cases=cases, context={"documents": "docs/*.md"}))
    assert line.endswith("source 'docs/leaves.md' is none of the context's documents (did you mean 'docs/leave.md'?)")


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ({"top_k": 2}, "context has no 'documents'. Add them: documents: docs/*.md"),
        ({"documents": "docs/*.txt"}, "documents 'docs/*.txt' are not there: no file matches. Check the path"),
        ({"documents": "docs/no.md"}, "'docs/no.md': the file cannot be read: No such file or directory"),
        ({"documents": "docs"}, "'docs': this is a folder: a regular file is needed"),
        ({"documents": "/etc/*.md"}, "path '/etc/*.md' is absolute. Write it from the folder of this file"),
        ({"documents": "http://x/*.md"}, "'http://x/*.md' is an address: the path of a file is needed"),
        ({"documents": "docs/*.md", "top_k": 0}, "top_k is 0: a whole number from 1"),
        ({"documents": "docs/*.md", "retriever": "embeding"}, "'embeding'"),
        ({"documents": []}, "documents has length 0: at least 1 is needed"),
    ],
)
def test_a_context_that_cannot_be_had_is_a_mistake_with_its_place(mistakes, docs, context, said):
    (line,) = mistakes(text(context=context))
    place, _, message = line.partition(": ")
    assert said in message
    assert place.count(":") == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("docs/a.md", b"a\0b", "document 'docs/a.md' is no text: it holds the byte 0x00. Name text files alone"),
        ("docs/a.md", b"x" * 51, "document 'docs/a.md' has 51 characters: at most 50 are read. Split it"),
        ("docs/a.md", b" \n", "document 'docs/a.md' is empty. Fill it, or name other files"),
        ("docs/a.md", b"caf\xe9", "byte 0xE9 is not UTF-8. Save the file as UTF-8"),
        ("docs/a.md", b"x" * 45, "'docs/*.md': more than 10,000 documents, or 60 characters. Name fewer files"),
    ],
)
def test_a_document_that_is_no_text_or_too_long_is_a_mistake(mistakes, docs, monkeypatch, name, content, said):
    monkeypatch.setattr(documents, "MOST_CHARACTERS", 50)
    monkeypatch.setattr(documents, "MOST_IN_ALL", 60)
    (docs.parent / name).write_bytes(content)
    (line,) = mistakes(text(context={"documents": "docs/*.md"}))
    assert line.endswith(said)


def test_documents_lie_below_the_root_also_through_links(mistakes, docs, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.md"
    outside.write_text("a secret")
    (docs / "link.md").symlink_to(outside)
    (line,) = mistakes(text(context={"documents": "docs/*.md"}))
    assert "'docs/link.md': the file is not below" in line
    for pattern in ("../*/*.md", "*/../../*.md"):
        (line,) = mistakes(text(context={"documents": pattern}))
        assert f"{pattern!r} is not below" in line


def test_documents_may_be_named_from_a_folder_beside(read, docs):
    suite = read(text(context={"documents": "../docs/**/*.md"}), name="suites/bench_it.yaml")
    assert [one.source for one in suite.strategies[0].context.documents] == ["../docs/leave.md", "../docs/pay.md"]


def test_code_names_documents_from_the_working_directory(docs, monkeypatch):
    monkeypatch.chdir(docs.parent)
    described = {"model": "a/b", "context": {"documents": ["docs/p*.md", "docs/leave.md"]}}
    spec = read_alone("mine", described, project=Project())
    assert [one.source for one in spec.context.documents] == ["docs/leave.md", "docs/pay.md"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_among_the_documents_is_not_waited_for(mistakes, docs):
    os.mkfifo(docs / "pipe.md")
    (line,) = mistakes(text(context={"documents": "docs/*.md"}))
    assert line.endswith("'docs/pipe.md': this is a pipe: a regular file is needed")


# -- a model that compresses ---------------------------------------------------

SHORT = {"documents": "docs/*.md", "compress_to": 20}


def test_a_compressor_is_a_model_with_its_own_params_and_no_more_tokens_than_a_passage_may_have(read, docs):
    suite = read(
        text(
            {
                "plain": {"model": "cheap"},
                "whole": {"model": "cheap", "context": False},
                "none": {"model": "mid", "context": {"documents": "docs/pay.md", "compressor": "cheap"}},
                "small": {"model": "mid", "params": {"max_tokens": 3}},
                "own": {"model": "mid", "context": {"compressor": {"model": "cheap", "params": {"temperature": 0.5}}}},
                "steps": {
                    "cascade": [
                        {"use": "plain", "confidence": {"verifier": "cheap"}},
                        {"use": "cheap", "context": {"compress_to": 9}},
                    ]
                },
            },
            params={"seed": 7},
            context={**SHORT, "compressor": "small"},
        ),
        models=["cheap", "mid"],
    )
    found = {spec.name: spec.compressor for spec in suite.strategies}
    assert found["whole"] is found["steps"] is None
    told = {name: (one.model, one.params) for name, one in found.items() if one is not None}
    assert told["plain"] == told["small"] == ("mid", {"temperature": 0, "max_tokens": 20})
    assert told["none"] == ("cheap", {"temperature": 0, "max_tokens": 20})
    assert told["own"] == ("cheap", {"temperature": 0.5, "max_tokens": 20})
    assert found["plain"].prompt.prompt is found["plain"].context is found["plain"].compressor is None
    plan = suite.strategies[-1].plan
    first, last = (step.strategy for step in plan.steps)
    assert (first.compressor.params["max_tokens"], last.compressor.params["max_tokens"]) == (20, 9)
    assert first.confidence.verifier.compressor is None
    assert [leaf.name for leaf in suite.strategies[-1].leaves()] == ["plain", "cheap", "small", "cheap", "small"]


def test_a_compressor_said_for_all_holds_where_something_is_compressed(read, docs):
    strategies = {"full": {"model": "cheap"}, "short": {"model": "cheap", "context": {"compress_to": 20}}}
    suite = read(text(strategies, context={"documents": "docs/*.md", "compressor": "cheap"}))
    assert [spec.compressor is None for spec in suite.strategies] == [True, False]


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ({"documents": "docs/*.md", "compressor": "cheap"}, "compressor has no effect without 'compress_to'"),
        ({**SHORT, "compressor": "cheep"}, "unknown tier 'cheep' (did you mean 'cheap'?)"),
        ({**SHORT, "compressor": {"cascade": [{"use": "cheap"}]}}, "a compressor is one model, asked once a passage"),
        (
            {**SHORT, "compressor": {"model": "cheap", "prompt": "Shorten."}},
            "a compressor has a prompt of its own: prompt has no effect",
        ),
        ({**SHORT, "compressor": {"use": "it"}}, "unknown strategy or tier 'it'"),
        ({**SHORT, "compressor": False}, "compressor is false"),
    ],
)
def test_a_compressor_that_cannot_compress_is_a_mistake_with_its_place(mistakes, docs, context, said):
    (line,) = mistakes(text({"it": {"model": "cheap", "context": context}}))
    place, _, message = line.partition(": ")
    assert said in message
    assert place.count(":") == 1
