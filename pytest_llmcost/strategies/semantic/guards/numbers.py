"""Numbers, in digits and in words: `a dozen eggs` is `12 eggs`, and not `6 eggs`."""

from __future__ import annotations

import re
from decimal import Decimal

from pytest_llmcost.strategies.semantic.guards.reading import Reading

_SMALL = {
    word: Decimal(number)
    for number, words in enumerate(
        """zero one/once two/twice/both/double three/triple/thrice four five six seven eight nine ten eleven
        twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty""".split()  # noqa: SIM905
    )
    for word in words.split("/")
}
_TENS = {
    word: Decimal(10 * number)
    for number, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), 3)  # noqa: SIM905
}
_ORDINALS = {
    word: Decimal(number)
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(),  # noqa: SIM905
        1,
    )
}
_SHARES = {"half": Decimal("0.5"), "½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1_000, "k": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_THOUSAND = 1_000
_COUNTING = {**_SMALL, **_TENS}
_WORDS = {**_COUNTING, **_ORDINALS, **_SHARES}
_NOT_ORDINAL_AFTER = frozenset(["per", "a", "each", "every"])
"""After these, `second` is a time."""
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
_HALF_MORE = ("and", "a", "half")


def differ(first: Reading, second: Reading) -> bool:
    """Whether one text has a number that the other has not. One is none: `a pill` is `one pill`."""
    return _numbers(first) != _numbers(second)


def is_number(word: str) -> bool:
    """Whether a word, in lower case, is a number or a part of one."""
    return word[-1].isdecimal() or word in _WORDS or word in _SCALES


def _numbers(reading: Reading) -> list[str]:
    """Return the numbers of a text, sorted as text."""
    words = reading.words
    found, place = [], 0
    while place < len(words):
        value, place = _number_at(words, place)
        if value not in (None, "1"):
            found.append(str(value))
    return sorted(found)


def _number_at(words: tuple[str, ...], place: int) -> tuple[str | None, int]:
    """Return the number that begins at *place*, if one does, and the place behind it."""
    word, after = words[place], "".join(words[place + 1 : place + 2])
    if word[-1].isdecimal() and not (after in _SCALES and _PLAIN.fullmatch(_digits(word))):
        return _digits(word), place + 1
    is_time = word == "second" and place > 0 and words[place - 1] in _NOT_ORDINAL_AFTER
    return (None, place + 1) if is_time or not is_number(word) else _composed(words, place)


def _composed(words: tuple[str, ...], start: int) -> tuple[str, int]:
    """Return `two hundred and five`, `10 k` or `one and a half` as one number, and the place behind it."""
    thousands, part, place = Decimal(0), Decimal(0), start
    while place < len(words):
        word = words[place]
        if word in _SCALES:
            part = (part or Decimal(1)) * _SCALES[word]
            if _SCALES[word] >= _THOUSAND:
                thousands, part = thousands + part, Decimal(0)
        elif place == start or _is_added(word, part, thousands):
            part += _WORDS[word] if word in _WORDS else Decimal(_digits(word))
        elif not _joins(word, words[place + 1 : place + 2], part, thousands):
            break
        place += 1
    if words[place : place + 3] == _HALF_MORE:
        part, place = part + _SHARES["half"], place + 3
    return f"{(thousands + part).normalize():f}", place


def _is_added(word: str, part: Decimal, thousands: Decimal) -> bool:
    """Whether a number's word goes on with it: `five` after `twenty`, after `hundred`, after `thousand`."""
    value = _COUNTING.get(word)
    if value is None or value == 0:
        return False
    if part == 0:
        return thousands > 0
    return (part >= 100 and part % 100 == 0) or (part >= 20 and part % 10 == 0 and value < 10)


def _joins(word: str, after: tuple[str, ...], part: Decimal, thousands: Decimal) -> bool:
    """Whether a word stands within a number: the `and` of `two hundred and five`, the `a` of `half a million`."""
    if word == "and":
        return part + thousands >= 100 and any(_is_added(next_word, part, thousands) for next_word in after)
    return word == "a" and part == _SHARES["half"] and any(next_word in _SCALES for next_word in after)


def _digits(word: str) -> str:
    """Return digits without thousands' commas; a version 3.10 stays another than 3.1."""
    whole, *groups = word.split(",")
    if groups and all(len(group.split(".")[0]) == 3 for group in groups):
        word = whole + "".join(groups)
    return word.replace(",", ".").lstrip("0").removesuffix(".00") or "0"
