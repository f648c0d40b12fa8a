"""Annotations are commands to a log: what is said in them may not end them, nor begin another."""

from __future__ import annotations

from pytest_llmcost.reports.annotations import error_annotation


def test_t06_everything_that_could_end_a_message_or_a_property_is_escaped() -> None:
    line = error_annotation("100%\r\n::error::no", file="a,b:c%.yaml", line=7, title="x::y\n")

    assert line == "::error file=a%2Cb%3Ac%25.yaml,line=7,title=x%3A%3Ay%0A::100%25%0D%0A::error::no"
