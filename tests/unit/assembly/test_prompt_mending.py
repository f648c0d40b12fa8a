"""What `--fix` wrote is read again, and not kept where it says something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llmcost.assembly.prompts.mending import check
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.suites.read import read_suite

SUITE = "prompt: '{{ text }}'\nstrategies: {one-lean: {model: a/b}}\ncases: [{text: a, expected: b}]\n"


@pytest.mark.parametrize(
    ("text", "twins", "why"),
    [
        (SUITE, {"one-lean": {"prompt": "Sort {{ text }}"}}, "a twin reads otherwise than it was meant"),
        (SUITE, {"two-lean": {"prompt": "{{ text }}"}}, "a twin reads otherwise than it was meant"),
        ("cases: 3\n", {"one-lean": {}}, "cannot be a suite, and is not kept: "),
    ],
)
def test_a_variant_that_says_something_else_is_not_kept(tmp_path: Path, text, twins, why):
    path = tmp_path / "bench_lean.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=why):
        check(path, lambda written: read_suite(written, root=tmp_path), twins)
    assert not path.exists()


def test_one_that_says_what_it_should_is(tmp_path: Path):
    path = tmp_path / "bench_lean.yaml"
    path.write_text(SUITE, "utf-8")
    check(
        path, lambda written: read_suite(written, root=tmp_path), {"one-lean": {"prompt": "{{ text }}", "system": ""}}
    )
    assert path.exists()
