from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.strategies.variant import assign_variant

users = st.text(st.characters(exclude_categories=("Cs",)), min_size=1)
PAGE = Path(__file__).parents[3] / "docs" / "policies.md"
VECTORS = [
    ("new-model", "user-1", "27e2ac0e7f6fd"),
    ("new-model", "user-2", "92a88455173ef"),
    ("new-model", "42", "dc31e018eb893"),
    ("new-model", "Zoë", "5b8786d71dc84"),
    ("other", "user-1", "47610d6c1cdaf"),
]
"""Experiment, user and the first 13 digits of the digest, by `printf 'new-model\\nuser-1' | sha256sum`."""

JAVASCRIPT = """
const {createHash} = require("crypto")
const place = (experiment, user) =>
  parseInt(createHash("sha256").update(experiment + "\\n" + user, "utf8").digest("hex").slice(0, 13), 16) / 2 ** 52
console.log(JSON.stringify(JSON.parse(process.argv[1]).map(([e, u, share]) => place(e, u) < share)))
"""


@pytest.mark.parametrize(("experiment", "user", "digits"), VECTORS)
def test_the_test_vectors_of_the_page_hold(experiment, user, digits):
    place = int(digits, 16) / 2**52
    assert assign_variant(user, experiment, place) == "control"
    assert assign_variant(user, experiment, place + 2**-52) == "treatment"
    assert f"| `{experiment}` | `{user}` | `{digits}` |" in PAGE.read_text("utf-8")


@given(users, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_never_takes_a_user_out_of_the_treatment(user, one, other):
    low, high = sorted((one, other))
    if assign_variant(user, "ramp", low) == "treatment":
        assert assign_variant(user, "ramp", high) == "treatment"


@given(users)
def test_of_no_share_nobody_and_of_all_everybody_is_in_the_treatment(user):
    assert assign_variant(user, "x", 0) == "control"
    assert assign_variant(user, "x", 1) == "treatment"


def test_about_that_share_of_users_is_in_the_treatment_and_experiments_are_independent():
    inside = {name: {n for n in range(20_000) if assign_variant(n, name, 0.3) == "treatment"} for name in ("a", "b")}
    assert len(inside["a"]) == pytest.approx(6000, abs=250)
    assert len(inside["a"] & inside["b"]) == pytest.approx(0.09 * 20_000, abs=200)


def test_a_number_is_its_digits():
    assert [assign_variant(n, "x", 0.5) for n in range(50)] == [assign_variant(str(n), "x", 0.5) for n in range(50)]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_javascript_decides_alike():
    asked = [(name, f"Nutzer-{n} é", n / 100) for name in ("new-model", "ümlaut") for n in range(100)]
    done = subprocess.run(["node", "-e", JAVASCRIPT, json.dumps(asked)], capture_output=True, text=True, check=True)
    ours = [assign_variant(user, name, share) == "treatment" for name, user, share in asked]
    assert json.loads(done.stdout) == ours


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (("u", "x", -0.1), "share"),
        (("u", "x", 1.1), "share"),
        (("u", "x", float("nan")), "share"),
        (("u", "x", True), "share"),
        (("u", "x", "0.5"), "share"),
        (("u", "", 0.5), "experiment"),
        (("u", "a\nb", 0.5), "experiment"),
        (("", "x", 0.5), "user_id"),
        ((None, "x", 0.5), "user_id"),
        ((True, "x", 0.5), "user_id"),
        ((1.0, "x", 0.5), "user_id"),
    ],
)
def test_what_cannot_be_dealt_is_refused_by_name(arguments, key):
    with pytest.raises(SettingsError) as caught:
        assign_variant(*arguments)
    assert caught.value.key == key
