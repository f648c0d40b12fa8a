"""Lines on what was looked up: how long it is, and whether the source that a case names was found."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from pytest_llmcost.assembly.context_lines import context_lines
from pytest_llmcost.assembly.stale import fingerprint_of
from pytest_llmcost.assembly.strategy_record import _looked_up
from pytest_llmcost.domain.context import Context, Document, Passage
from pytest_llmcost.domain.suite import Case, Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.reports.trial_line import trial_line, trial_of

PAGES = (Document("a.md", "A"), Document("b.md", "B"))
CONTEXT = Context(PAGES, top_k=2, chunk_tokens=50)
SPEC = StrategySpec("it", "m", Prompt(), {}, "text", False, None, context=CONTEXT)


def suite(*sources: tuple[str, ...]) -> Suite:
    cases = [Case(f"c{place}", {}, (), "", sources=own) for place, own in enumerate(sources)]
    return Suite("bench_it.yaml", "it", "", (), (SPEC,), (), 1.0, None, tuple(cases))


def trial(case: str, *found: str, tokens: int = 10) -> Trial:
    passages = tuple(Passage(source, 0, tokens, "ab", "text") for source in found)
    return dataclasses.replace(
        Trial("bench_it.yaml", "it", case, 1, "9f", 1.0, True, None, (), Decimal(0)), passages=passages
    )


def test_recall_is_the_share_of_a_cases_sources_that_is_found() -> None:
    asked = suite(("a.md",), ("a.md", "b.md"), ("b.md",), ())
    trials = [trial("c0", "a.md", "x.md"), trial("c1", "a.md"), trial("c2", tokens=9), trial("c3", "x.md")]

    assert list(context_lines(asked, SPEC, trials)) == [
        "context: about 10 tokens a case, in 1.0 passages; recall@2 50.0% of 3 cases",
        "source not found for c1, c2",
        "nothing was found for c2",
    ]


def test_without_sources_there_is_no_recall_and_without_context_no_line() -> None:
    assert list(context_lines(suite(()), SPEC, [trial("c0", "a.md")])) == [
        "context: about 10 tokens a case, in 1.0 passages"
    ]
    assert list(context_lines(suite(("a.md",)), SPEC, [dataclasses.replace(trial("c0"), passages=None)])) == []


def test_a_run_file_names_passages_and_keeps_their_text_only_where_texts_are_kept() -> None:
    told = trial_line(trial("c0", "a.md"), keep_text=False)

    assert told["passages"] == [{"source": "a.md", "part": 0, "tokens": 10, "sha256": "ab"}]
    assert trial_of(told).passages == (Passage("a.md", 0, 10, "ab"),)
    assert trial_of(trial_line(trial("c0", "a.md"), keep_text=True)).passages == trial("c0", "a.md").passages
    assert trial_of(trial_line(trial("c0"), keep_text=False)).passages == ()
    assert "passages" not in trial_line(dataclasses.replace(trial("c0"), passages=None), keep_text=False)


def test_a_changed_document_is_a_changed_strategy_and_told_from_a_changed_setting() -> None:
    before = _looked_up(CONTEXT)
    edited = _looked_up(dataclasses.replace(CONTEXT, documents=(PAGES[0], Document("b.md", "Bee"))))
    shorter = _looked_up(dataclasses.replace(CONTEXT, compress_to=20))

    assert len({fingerprint_of(one) for one in (before, edited, shorter)}) == 3
    assert (before["context"] == edited["context"], before["documents"] == edited["documents"]) == (True, False)
    assert (before["context"] == shorter["context"], before["documents"] == shorter["documents"]) == (False, True)
