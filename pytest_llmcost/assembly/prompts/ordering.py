"""Providers keep the beginning that calls share, and charge a part for it: it is short where what varies is first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.assembly.prefix_use import prefix_tokens
from pytest_llmcost.assembly.prompts.metering import Metered
from pytest_llmcost.domain.suite import Prompt
from pytest_llmcost.reports.prompt_lint import Saving, Waste
from pytest_llmcost.suites.lint.finding import tag_in
from pytest_llmcost.suites.lint.passages import Passage, texts_of
from pytest_llmcost.suites.static_prefix import misplaced

FEWEST_MORE = 64
"""Tokens that a beginning has to gain for its prompt to be turned round."""


@dataclass(frozen=True, slots=True)
class Reordered:
    """A prompt with what is the same in each call before what is not.

    Attributes:
        variables: What stood in its way.
        before, after: Tokens with which every call begins.
        least: Of the shortest beginning that is kept.
        is_whole: Whether whole messages alone are kept, so that the system's takes all that is the same.
    """

    prompt: Prompt
    variables: tuple[str, ...]
    before: int
    after: int
    least: int
    is_whole: bool = False

    @property
    def what(self) -> str:
        """The finding, for people."""
        names = ", ".join(f"{{{{ {name} }}}}" for name in self.variables) or "what varies"
        fault = "shares a message with" if self.is_whole else "stands before"
        cure = "that in the system message" if self.is_whole else "that first"
        how = ", with prefix_cache: auto," if self.is_whole else ""
        return (
            f"{names} {fault} what is the same in each call: with {cure} {self.after:,} tokens begin every call alike, "
            f"not {self.before:,}, and are kept{how} from {self.least:,} up"
        )

    def usd_per_call(self, meter: Metered) -> Decimal | None:
        """Return what is spared where each call finds its beginning kept; None where no price of that is known."""
        price = meter.price
        if price is None or price.cached_input is None:
            return None
        kept = self.before if self.before >= self.least else 0
        return (price.input - price.cached_input) * (self.after - kept) / 1_000_000


def reordered(prompt: Prompt, labels: Sequence[str], meter: Metered) -> Reordered | None:
    """Return the prompt turned round, or None where that would give the provider nothing more to keep.

    Args:
        prompt: A strategy's.
        labels: The suite's.
        meter: Counts, and knows what is kept.
    """
    least = meter.least_prefix_tokens
    found = misplaced(prompt, is_whole=meter.keeps_whole)
    if found is None or least is None:
        return None
    counter, is_whole = meter.counter, meter.keeps_whole
    before, after = (prefix_tokens(one, labels, counter, is_whole=is_whole) for one in (prompt, found.prompt))
    if after < least or after - before < FEWEST_MORE:
        return None
    return Reordered(found.prompt, found.variables, before, after, least, meter.keeps_whole)


def waste_of(found: Reordered, meter: Metered, passage: Passage, requests: int) -> Waste:
    """Return the finding: where the first tag of *passage* stands, with what a month of *requests* would be spared."""
    usd = found.usd_per_call(meter)
    return Waste(
        rule="variable-first",
        path=passage.path,
        line=passage.line_at(tag_in(passage.text) or 0),
        what=found.what,
        is_mendable=True,
        savings=(Saving(meter.name, 0, None if usd is None else usd * requests),),
        instead="\n\n".join(text for _, text, _ in texts_of(found.prompt)),
    )
