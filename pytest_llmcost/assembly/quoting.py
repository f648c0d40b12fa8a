"""From names and a traffic to quotes: what requests like these would cost on the models that a project has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.assembly.models import Models
from pytest_llmcost.costs.traffic import (
    Share,
    Size,
    in_cascade,
    in_cascade_naively,
    month_cost,
    request_cost,
    with_prefix,
)
from pytest_llmcost.domain.errors import PriceError, SettingsError
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.reports.quotes import Lengths, Quote
from pytest_llmcost.statistics.percentiles import percentile


@dataclass(frozen=True, slots=True)
class Terms:
    """What else bears on the price.

    Attributes:
        requests: A month; None where only a request is priced.
        hit_rate: Share of requests, 0..1, that a cache of ours answers.
        prefix_share: Share of the input, 0..1, that the provider's prefix cache holds; None: as the sizes say.
        service_tier: `batch`, `flex`, `priority`, or empty.
        fixed_usd: A month, whatever the traffic.
    """

    requests: int | None = None
    hit_rate: Decimal = Decimal(0)
    prefix_share: Decimal | None = None
    service_tier: str = ""
    fixed_usd: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Measured:
    """A request of a run: its tokens, and the seconds that each model took for it."""

    usage: Usage
    seconds: Mapping[str, float]


def traffics_of(trials: Iterable[Trial]) -> dict[str, list[Measured]]:
    """Return the answered requests of a run by `suite::strategy`; their tokens are those of all their calls."""
    found: dict[str, list[Measured]] = defaultdict(list)
    for trial in trials:
        if trial.calls:
            seconds: dict[str, float] = defaultdict(float)
            for call in trial.calls:
                seconds[call.model] += call.seconds
            found[f"{trial.suite}::{trial.strategy}"].append(Measured(trial.usage, seconds))
    return dict(found)


def lengths_of(traffic: Sequence[Measured]) -> Lengths:
    """Return how long requests are; at least one."""
    inputs = [one.usage.input_tokens for one in traffic]
    outputs = [one.usage.output_tokens for one in traffic]
    return Lengths(len(traffic), sum(inputs) / len(inputs), sum(outputs) / len(outputs), int(percentile(outputs, 0.95)))


class Quoting:
    """Quotes for requests of one traffic.

    Args:
        models: The project's; names may be tiers.
        traffic: Requests, each as frequent as the others.
        terms: What else bears on the price.
        name: Whose requests they are; empty where they were given by their tokens.
    """

    def __init__(self, models: Models, traffic: Sequence[Measured], terms: Terms, name: str = "") -> None:
        self._models = models
        self._traffic = traffic
        self._terms = terms
        self._name = name

    def model(self, name: str) -> Quote:
        """Return what one model costs.

        Raises:
            PriceError: If its price is not known, or is one of compute time and nothing says how long it takes.
        """
        return self._quote(name, [(name, Decimal(1))])

    def tiers(self, shares: Mapping[str, Decimal]) -> Quote:
        """Return what it costs to send each model its share of the requests; raises as `model`.

        Raises:
            SettingsError: If the shares do not sum to 1.
        """
        total = sum(shares.values(), Decimal(0))
        if total != 1:
            raise SettingsError(f"--share adds up to {total}: 1 is needed.", key="share")
        label = " + ".join(f"{100 * float(share):g}% {name}" for name, share in shares.items())
        return self._quote(label, list(shares.items()))

    def cascade(self, names: Sequence[str], success_rates: Sequence[Decimal]) -> Quote:
        """Return what a cascade costs: each step is paid by all that reach it; raises as `model`.

        Raises:
            SettingsError: If there is not one rate for each step but the last.
        """
        if len(success_rates) != len(names) - 1:
            wanted = f"{len(names)} steps need {len(names) - 1}, each step's but the last"
            raise SettingsError(f"--success has {len(success_rates)} rates: {wanted}.", key="success")
        paid = list(zip(names, in_cascade(success_rates), strict=True))
        naive = list(zip(names, in_cascade_naively(success_rates), strict=True))
        return self._quote(" -> ".join(names), paid, naive)

    def _quote(
        self, label: str, calls: Sequence[tuple[str, Decimal]], naive: Sequence[tuple[str, Decimal]] = ()
    ) -> Quote:
        each = [self._usd(calls, [one]) for one in self._traffic]
        mean = sum(each, Decimal(0)) / len(each)
        return Quote(
            traffic=self._name,
            strategy=label,
            usd_per_request=mean,
            usd_per_month=self._monthly(mean),
            p95_usd=percentile(each, 0.95) if len(each) > 1 else None,
            naive_usd_per_month=self._monthly(self._usd(naive, self._traffic)) if naive else None,
        )

    def _usd(self, calls: Sequence[tuple[str, Decimal]], traffic: Sequence[Measured]) -> Decimal:
        return sum(
            (
                request_cost([Share(name, self._price(name), share)], [self._size(name, one) for one in traffic])
                for name, share in calls
            ),
            Decimal(0),
        )

    def _monthly(self, usd_per_request: Decimal) -> Decimal | None:
        terms = self._terms
        if terms.requests is None:
            return None
        return month_cost(usd_per_request, terms.requests, hit_rate=terms.hit_rate, fixed_usd=terms.fixed_usd)

    def _price(self, name: str) -> Price:
        price, tier = self._models.find(name).price, self._terms.service_tier
        in_tier = price.for_tier(tier) if tier else price
        if in_tier is None:
            label = self._models.find(name).endpoint.label
            raise PriceError(
                f"no price of the {tier} tier is known for {label!r}.\n"
                f'State it: [tool.llmcost.prices."{label}"] {tier} = {{input = ..., output = ...}}',
                model=label,
            )
        return in_tier

    def _size(self, name: str, one: Measured) -> Size:
        model, price = self._models.find(name).endpoint.label, self._price(name)
        seconds = one.seconds.get(model, one.seconds.get(""))
        if price.usd_per_hour and seconds is None:
            raise PriceError(
                f"{model} is priced by the hour, and nothing says how long a request takes it.\n"
                "Say so (--seconds), or give a run in which it answered (--run).",
                model=model,
            )
        # Another model than the one that was measured has another prefix cache, or none: its input is paid in full.
        usage = (
            one.usage if model in one.seconds else Usage(one.usage.input_tokens, output_tokens=one.usage.output_tokens)
        )
        size = Size(usage, seconds or 0.0)
        return size if self._terms.prefix_share is None else with_prefix(size, self._terms.prefix_share)
