"""Lists that share a page: each keeps its first lines, and what room is left goes round among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A list with what stands around it; without lines nothing of it is shown.

    Attributes:
        least: How many of its lines are shown at least, if it has so many.
        rest: Says that so many lines are left out, on one line.
        more: How many there are beside *lines*, which then hold as many as a page can have.
    """

    lines: Sequence[str]
    least: int
    rest: Callable[[int], str]
    head: Sequence[str] = ()
    tail: Sequence[str] = ()
    more: int = 0

    def shown(self, most: int) -> Iterator[str]:
        """Yield the part with its first *most* lines."""
        if self.lines:
            left = len(self.lines) + self.more - most
            yield from (*self.head, *self.lines[:most], *([self.rest(left)] if left > 0 else []), *self.tail)


def fitted(parts: Sequence[Part], most_lines: int) -> list[list[str]]:
    """Return the parts that have lines, so that all, with a blank line between two, take at most *most_lines*.

    If their least is more than that already, it is what is shown.
    """
    most = [part.least for part in parts]

    def page() -> list[list[str]]:
        return [lines for part, number in zip(parts, most, strict=True) if (lines := list(part.shown(number)))]

    grew = True
    while grew:
        grew = False
        for place, part in enumerate(parts):
            if most[place] < len(part.lines):
                most[place] += 1
                if _height(page()) > most_lines:
                    most[place] -= 1
                else:
                    grew = True
    return page()


def _height(page: Sequence[Sequence[str]]) -> int:
    return sum(len(lines) + 1 for lines in page) - 1
