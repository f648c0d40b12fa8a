"""Opposites: `before` and `after`, `open` and `close`, `upgrade` and `downgrade`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import permutations

from pytest_llmcost.strategies.semantic.guards.reading import Reading

_PAIRS = """
increase/raise decrease/reduce/lower; before after; maximum/max/most minimum/min/least; open close; buy/purchase sell;
advantage disadvantage; high/higher/highest low/lower/lowest; on off; cheap/cheaper/cheapest expensive/dearest; gain
lose; lock unlock; entrance/enter exit/leave; left right; pro con; first last; domestic international;
long/longer/longest short/shorter/shortest; arrive/arrival depart/departure/leave; hot cold; warm cool; add
remove/delete/subtract; approve/accept reject/refuse/decline; north south; east west; northern southern; eastern
western; early/earlier late/later; lend borrow; employer employee; rise fall; charge refund; follow unfollow; up down;
indoor outdoor; from to; more/greater less/fewer; bull bear; bullish bearish; sender recipient;
big/bigger/biggest/large/larger/largest small/smaller/smallest; old/older/oldest
new/newer/newest/young/younger/youngest; fast/faster/fastest slow/slower/slowest; start/begin stop/end/finish;
beginning end; win/won lose/lost; push pull; send receive; hire fire; male female; man woman; men women; boy girl; son
daughter; mother father; wife husband; top bottom; front back; inside outside; above below; over under; import export;
deposit withdraw; public private; best worst; better worse; good bad; true false; yes no; hard easy; hard soft; full
empty; wet dry; light dark; light heavy; strong weak; safe dangerous; rich poor; alive dead; upload download; encrypt
decrypt; success/succeed failure/fail; profit loss; asset liability; credit debit; gross net; allow/allowed/permitted
forbid/forbidden/prohibited/banned; keep stop/delete/cancel; ascending descending; vertical horizontal; row column;
input output; read write; parent child; formal informal; wholesale retail; single double; single married; love/like
hate; remember forget; always never; everybody/everyone/all nobody/none; local global; temporary permanent; guilty
innocent; odd even; positive negative; acute chronic; show hide; attach detach; insert/create remove/delete; join
leave
"""
_PREFIXES = """
over under; up down; in out; pre post; en dis; en de; im ex; in ex; hyper hypo; inter intra; as des; maxi mini; ac de
"""
_SWAPS = tuple((one, other) for pair in _PREFIXES.split(";") for one, other in permutations(pair.split()))
_ENDINGS = ("s", "d", "ed", "ing", "es")
_SHORTEST_STEM = 3


def _opposites() -> Mapping[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for pair in _PAIRS.split(";"):
        first, second = (side.split("/") for side in pair.split())
        for word in first:
            found[word].update(second)
        for word in second:
            found[word].update(first)
    return dict(found)


_OPPOSITES = _opposites()


def differ(first: Reading, second: Reading) -> bool:
    """Whether a word of one text stands in the other as its opposite."""
    ours, theirs = set(first.words), set(second.words)
    only_theirs = theirs - ours
    known = {form for word in only_theirs for form in _forms(word)}
    return any(
        any(not _OPPOSITES.get(form, set()).isdisjoint(known) for form in _forms(word))
        or any(swapped in only_theirs for swapped in _swapped(word))
        for word in ours - theirs
    )


def _forms(word: str) -> Iterator[str]:
    """Yield a word and what it may be without an ending: `sells` and `sell`, `closed` and `close`."""
    yield word
    yield from (word.removesuffix(end) for end in _ENDINGS if word.endswith(end) and len(word) > len(end) + 2)


def _swapped(word: str) -> Iterator[str]:
    """Yield a word with the opposite of its prefix: `underactive` for `overactive`."""
    for one, other in _SWAPS:
        if word.startswith(one) and len(word) >= len(one) + _SHORTEST_STEM:
            yield other + word.removeprefix(one)
