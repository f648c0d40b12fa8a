"""What is read, what is newer, and what is no such file."""

from __future__ import annotations

import pytest

from pytest_llmcost.domain.formats import why_not_read


def test_our_own_format_is_read() -> None:
    assert why_not_read("llmcost-run/3", "llmcost-run/3") == ""


@pytest.mark.parametrize("found", ["llmcost-run/4", "llmcost-run/10"])
def test_f04_a_newer_one_is_refused_by_name_with_what_to_do(found: str) -> None:
    said = f"the format is '{found}', and this version reads 'llmcost-run/3'. Upgrade pytest-llmcost."
    assert why_not_read(found, "llmcost-run/3") == said


@pytest.mark.parametrize("found", ["llmcost-baseline/4", "llmcost-run/x", "llmcost-run/", "4", 4, ["llmcost-run/3"]])
def test_f04_another_file_is_called_so(found: object) -> None:
    said = f"this is no llmcost-run: its format is {str(found)!r}, 'llmcost-run/3' is needed."
    assert why_not_read(found, "llmcost-run/3") == said


def test_f04_a_file_without_a_format_is_told_from_one_with_another() -> None:
    assert why_not_read(None, "llmcost-run/3").startswith("this is no llmcost-run: it names no format")
