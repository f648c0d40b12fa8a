"""What a baseline was measured with may be no more what is asked today: which part differs is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.records import DIGITS, CaseRecord

_WORDS = {"params": "parameters", "parse": "parsing", "calibrate": "calibration"}


def fingerprint_of(covered: Mapping[str, object]) -> str:
    """Return the digest of all that can change a strategy's answers."""
    return digest(covered)[:12]


def parts_of(covered: Mapping[str, object]) -> dict[str, str]:
    """Return a digest of each part, short enough for a header that people review."""
    return {name: digest(value)[:DIGITS] for name, value in covered.items()}


def stale_lines(before: StrategyRecord, now: StrategyRecord, pairing: Pairing) -> Iterator[str]:
    """Yield a line on each thing in which a strategy is not what the baseline holds.

    Args:
        before: As it was stored.
        now: As it is.
        pairing: The cases common with the baseline.
    """
    if before.fingerprint != now.fingerprint:
        yield f"changed since the baseline: {', '.join(_changed(before, now))}"
    else:
        yield from _other_version([pair.before for pair in pairing.pairs], [pair.now for pair in pairing.pairs])
    for model in sorted(before.prices.keys() & now.prices.keys()):
        if before.prices[model] != now.prices[model]:
            yield f"the price of {model} changed since the baseline was stored: both sides are counted at today's"


def _changed(before: StrategyRecord, now: StrategyRecord) -> Iterator[str]:
    """Yield what differs; where an older baseline does not say so, all that may."""
    if before.model != now.model:
        yield f"model ({before.model} -> {now.model})"
    if not before.parts:
        yield "prompt, parameters or parsing" if before.model == now.model else "perhaps prompt or parameters, too"
        return
    for name in dict.fromkeys([*now.parts, *before.parts]):
        is_told = name == "model" and before.model != now.model
        if before.parts.get(name) != now.parts.get(name) and not is_told:
            yield _WORDS.get(name, name)


def _other_version(before: Sequence[CaseRecord], now: Sequence[CaseRecord]) -> Iterator[str]:
    """Yield a line where the same strategy was answered by other models: a provider moved a name to a new version."""
    old, new = ({model for record in side for model in record.usage} for side in (before, now))
    if old and new and old != new:
        yield f"answered by {', '.join(sorted(new))}, and in the baseline by {', '.join(sorted(old))}"
