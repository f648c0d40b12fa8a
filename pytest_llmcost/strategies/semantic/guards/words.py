"""One word in another's place: `the blue jacket` is not `the green jacket`."""

from __future__ import annotations

from pytest_llmcost.strategies.semantic.guards.dates import is_date
from pytest_llmcost.strategies.semantic.guards.negation import denies, is_affixed
from pytest_llmcost.strategies.semantic.guards.numbers import is_number
from pytest_llmcost.strategies.semantic.guards.reading import Reading, stem
from pytest_llmcost.strategies.semantic.guards.units import is_unit

_WITHOUT_WEIGHT = frozenset(
    """a an the this that these those some any i me my mine we us our you your he she it its they them their
    one what which who whom whose where when why how is are was were be been am do does did done has have had
    having can could should would will may might must shall to of in on at for with by from about as into than
    near close and or so if then please thanks hi hello ok okay just also there here get got let way not
    square degree degrees""".split()  # noqa: SIM905 (words)
)
_SYNONYMS = """
delete remove erase; buy purchase order; begin start commence; end finish; fix repair mend correct; ship deliver send
post; improve raise increase boost; lower reduce decrease; exit quit; add insert; make create build; big large; small
little; fast quick; use apply; change modify alter edit update; show display list; explain describe; find locate;
choose pick select; reach contact call; cancel terminate; book reserve; rent hire; allowed permitted; necessary
required needed; accept take; pay settle; cost price; holiday vacation; phone mobile cellphone; flat apartment; film
movie; car automobile; colour color; autumn fall; centre center; error mistake bug; picture image photo; help assist;
quit resign; company firm business; doctor physician; child kid; purpose reason; method approach; summarise summarize;
best ideal; sick ill; return give; work function; available offered; tell explain; see view; open launch; sign
register; log sign; under below; over above; happen occur; need require; email mail; spend pay
"""


def _alike() -> frozenset[frozenset[str]]:
    groups = [[stem(word) for word in group.split()] for group in _SYNONYMS.split(";")]
    return frozenset(frozenset([one, other]) for group in groups for one in group for other in group)


_ALIKE = _alike()


def differ(first: Reading, second: Reading) -> bool:
    """Whether the texts are the same but for one word, and the two are not known to mean the same."""
    ours, theirs = _weighty(first), _weighty(second)
    if len(ours) != len(theirs):
        return False
    changed = [(one, other) for one, other in zip(ours, theirs, strict=True) if stem(one) != stem(other)]
    return len(changed) == 1 and not any(_are_alike(*pair) or is_affixed(*pair) for pair in changed)


def _weighty(reading: Reading) -> list[str]:
    """Return the words that say what a text is about; numbers, units, dates and negations have guards of their own."""
    words = (word for word in reading.words if word not in _WITHOUT_WEIGHT)
    return [word for word in words if not _is_elsewhere(word)]


def _is_elsewhere(word: str) -> bool:
    return not word[0].isalpha() or denies(word) or is_number(word) or is_unit(word) or is_date(word)


def _are_alike(one: str, other: str) -> bool:
    return frozenset([stem(one), stem(other)]) in _ALIKE
