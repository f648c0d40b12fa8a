"""What a strategy looks up, said key by key: what it leaves out, what it uses or stands in says, or the suite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pytest_llmcost.domain.context import BM25, NOTHING_FOUND, Context
from pytest_llmcost.suites.documents import documents_at
from pytest_llmcost.suites.schema.context import CHUNK_TOKENS, TOP_K
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.report import Report, did_you_mean, shown

_KEY = "context"
SOURCE = "expected_source"
COMPRESSOR = "compressor"


def load_documents(section: Section, report: Report) -> None:
    """Put the documents that *section* names in the place of their patterns."""
    written = section.get(_KEY)
    if isinstance(written, Section) and "documents" in written.values:
        written.values["documents"] = documents_at(written.at("documents"), report)


def context_of(layers: Sequence[Section]) -> Context | None:
    """Return what is looked up; None where nothing is.

    Args:
        layers: All that is said of the strategy, what goes before first and the suite last.
    """
    said = _merged(layers)
    if not said.get("documents"):
        return None
    return Context(
        documents=said["documents"],
        top_k=said.get("top_k", TOP_K),
        chunk_tokens=said.get("chunk_tokens", CHUNK_TOKENS),
        compress_to=said.get("compress_to"),
        retriever=said.get("retriever", BM25),
    )


def compressing(layers: Sequence[Section]) -> Section | None:
    """Return the context that says which model shortens what is looked up; None where none does.

    Args:
        layers: As `context_of`.
    """
    said = _merged(layers)
    return _saying(COMPRESSOR, layers) if COMPRESSOR in said and "compress_to" in said else None


def variables_beside(sections: Iterable[Section]) -> dict[str, Any]:
    """Return the variables that all templates have where any of *sections* has something looked up."""
    return dict(NOTHING_FOUND) if any(section.get(_KEY) for section in sections) else {}


def check_contexts(asked: Sequence[Sequence[Section]], cases: Sequence[Section], report: Report) -> None:
    """Report a context without documents, a compressor without a length, and cases whose source is no document.

    Args:
        asked: For everyone who is asked, what is said of that, what goes before first, the suite last.
        cases: As read.
        report: Takes the mistakes.
    """
    said = [_merged(layers) for layers in asked]
    for section in _lacking(asked):
        message = "context has no 'documents'. Add them: documents: docs/*.md"
        report.add(section.key_at(_KEY), message)
    for context in _unused(asked):
        message = "compressor has no effect without 'compress_to'. Add that: compress_to: 100, tokens a passage"
        report.add(context.key_at(COMPRESSOR), message)
    known = {document.source for one in said for document in one.get("documents", ())}
    is_wrong = any("documents" in one and not one["documents"] for one in said)
    for case in cases if not is_wrong else ():
        for source in sources_of(case):
            if source not in known:
                hint = did_you_mean(source, known) or ". Name it as the pattern does: docs/leave.md"
                report.add(case.at(SOURCE), f"source {shown(source)} is none of the context's documents{hint}")


def sources_of(case: Section) -> tuple[str, ...]:
    """Return the documents that hold what a case asks for."""
    written = case.get(SOURCE, ())
    return (written,) if isinstance(written, str) else tuple(written)


def _lacking(asked: Sequence[Sequence[Section]]) -> Iterable[Section]:
    """Return, once each, what says something of a context that has no documents."""
    nearest = [
        next(section for section in layers if section.get(_KEY))
        for layers in asked
        if (said := _merged(layers)) and "documents" not in said
    ]
    return {id(section): section for section in nearest}.values()


def _unused(asked: Sequence[Sequence[Section]]) -> list[Section]:
    """Return, once each, the contexts that name a compressor, and no strategy's passages go to it."""
    saying = [_saying(COMPRESSOR, layers) for layers in asked if COMPRESSOR in _merged(layers)]
    used = {id(compressing(layers)) for layers in asked}
    return list({id(context): context for context in saying if id(context) not in used}.values())


def _saying(key: str, layers: Sequence[Section]) -> Section:
    """Return the nearest context that says *key*; there is one."""
    contexts = (section.get(_KEY) for section in layers)
    return next(context for context in contexts if isinstance(context, Section) and key in context.values)


def _merged(layers: Sequence[Section]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for section in reversed(layers):
        written = section.get(_KEY)
        if written is False:
            said = {}
        elif isinstance(written, Section):
            said |= written.values
            if "documents" in written and "documents" not in written.values:
                said["documents"] = ()  # (written wrongly, and reported)
    return said
