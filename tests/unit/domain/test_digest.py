"""Equal values have one text and one name."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from pytest_llmcost.domain.digest import canonical_json, digest


def test_the_order_of_keys_makes_no_difference() -> None:
    assert canonical_json({"b": [1, None], "a": "ü"}) == canonical_json({"a": "ü", "b": [1, None]})
    assert canonical_json({"b": [1, None], "a": "ü"}) == '{"a":"ü","b":[1,null]}'


def test_the_digest_is_sha_256_of_the_canonical_text() -> None:
    assert digest({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [-float("inf")]])
def test_what_json_cannot_say_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json(value)


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        digest(value)


def test_half_an_emoji_has_a_digest_too() -> None:
    assert digest("\ud83d") != digest("\ud83e")
