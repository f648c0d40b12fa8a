"""Numbers, in digits and in words: `a dozen eggs` is `12 eggs`, and not `6 eggs`."""

from __future__ import annotations

from decimal import Decimal

from pytest_llmcost.strategies.semantic.guards.reading import Reading

_SMALL = {
    word: Decimal(number)
    for number, words in enumerate(
        """zero one/once two/twice/both/double three/triple/thrice four five six seven eight nine ten eleven
        twelve/dozen thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty""".split()  # noqa: SIM905
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
_SCALES = {"hundred": 100, "thousand": 1_000, "k": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_WORDS = {**_SMALL, **_TENS, **_ORDINALS, **_SHARES}
_NOT_ORDINAL_AFTER = frozenset(["per", "a", "each", "every"])
"""After these, `second` is a time."""
_HALF_MORE = ("and", "a", "half")


def differ(first: Reading, second: Reading) -> bool:
    """Whether one text has a number that the other has not. One is none: `a pill` is `one pill`."""
    return _numbers(first) != _numbers(second)


def is_number(word: str) -> bool:
    """Whether a word, in lower case, is a number or a part of one."""
    return word[-1].isdigit() or word in _WORDS or word in _SCALES


def _numbers(reading: Reading) -> list[str]:
    """Return the numbers of a text, sorted as text."""
    words = reading.words
    found, place = [], 0
    while place < len(words):
        value, after = _number_at(words, place)
        if value is not None and value != "1":
            found.append(value)
        place = after
    return sorted(found)


def _number_at(words: tuple[str, ...], place: int) -> tuple[str | None, int]:
    """Return the number that begins at *place*, if one does, and the place behind it."""
    word = words[place]
    if word[-1].isdigit() and not (place + 1 < len(words) and words[place + 1] in _SCALES):
        return _digits(word), place + 1
    if word == "second" and place and words[place - 1] in _NOT_ORDINAL_AFTER:
        return None, place + 1
    if not word[-1].isdigit() and word not in _WORDS and word not in _SCALES:
        return None, place + 1
    return _composed(words, place)


def _composed(words: tuple[str, ...], place: int) -> tuple[str, int]:
    """Return `two hundred and five`, `10 k` or `one and a half` as one number."""
    total, part = Decimal(0), None
    while place < len(words):
        word = words[place]
        if word in _SCALES:
            part = (Decimal(1) if part is None else part) * _SCALES[word]
            if _SCALES[word] > 100:
                total, part = total + part, Decimal(0)
        elif part is None or (word in _SMALL and _SMALL[word] < 10 and part >= 20):
            value = Decimal(_digits(word)) if word[-1].isdigit() else _WORDS[word]
            part = (part or Decimal(0)) + value
        else:
            break
        place += 1
        if place < len(words) and words[place] not in _WORDS and words[place] not in _SCALES:
            break
    if words[place : place + 3] == _HALF_MORE:
        part, place = (part or Decimal(0)) + Decimal("0.5"), place + 3
    return f"{(total + (part or Decimal(0))).normalize():f}", place


def _digits(word: str) -> str:
    """Return digits without thousands' commas; a version 3.10 stays another than 3.1."""
    whole, *groups = word.split(",")
    if groups and all(len(group.split(".")[0]) == 3 for group in groups):
        word = whole + "".join(groups)
    return word.replace(",", ".").lstrip("0").removesuffix(".00") or "0"
