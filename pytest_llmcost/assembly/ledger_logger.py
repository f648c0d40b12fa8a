"""`LedgerLogger`: what production code asks through litellm, logged in the ledger; prompts and answers are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from pytest_llmcost.calls.providers.chat.choices import Unreadable
from pytest_llmcost.calls.providers.chat.tokens import read_usage
from pytest_llmcost.calls.providers.remote.library import callback_base
from pytest_llmcost.costs.ledger.ledger import Ledger
from pytest_llmcost.costs.ledger.records import OK, CallRecord
from pytest_llmcost.domain.call_id import new_call_id
from pytest_llmcost.domain.charge import charge_of
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import InvalidUsage, PriceError
from pytest_llmcost.domain.price import cost_of
from pytest_llmcost.domain.request import Endpoint, Request
from pytest_llmcost.domain.usage import Usage

_NAMES = ("task", "experiment", "variant", "tier", "strategy")


class LedgerLogger:
    """A callback of litellm: `litellm.callbacks = [LedgerLogger(ledger, task="triage")]`.

    A call may say more in its `metadata`: `task`, `experiment`, `variant`, `tier`, `strategy`, `tags`, `step` (of a
    cascade, from 0), `user` and `call_id`; of `user` (also as litellm's own argument) only a keyed hash is stored.
    Without a `call_id` of its own a call goes by litellm's, which `call_id_of` finds in its reply.

    Args:
        ledger: Where calls are logged; it is the application's to close.
        task, experiment, variant, tier, strategy, tags: Of calls that do not say otherwise.
    """

    def __new__(cls, *_args: Any, **_names: Any) -> Self:
        """Make it one of litellm's callbacks, too: its class is there only when litellm is imported."""
        base = callback_base()
        made = cls if issubclass(cls, base) else type(cls.__name__, (cls, base), {"__module__": cls.__module__})
        return object.__new__(made)

    def __init__(
        self,
        ledger: Ledger,
        *,
        task: str = "",
        experiment: str = "",
        variant: str = "",
        tier: str = "",
        strategy: str = "",
        tags: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._ledger = ledger
        given = (task, experiment, variant, tier, strategy)
        self._names = dict(zip(_NAMES, given, strict=True))
        self._tags = tuple(tags)

    @staticmethod
    def call_id_of(reply: Any) -> str:
        """Return what a reply of litellm, or a chunk of a stream, goes by in the ledger; empty where it does not say.

        A call with a `call_id` in its metadata goes by that.
        """
        hidden = getattr(reply, "_hidden_params", None) or {}
        found = hidden.get("litellm_call_id") if hasattr(hidden, "get") else None
        return str(found or "")

    def log_success_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: datetime, end_time: datetime
    ) -> None:
        """Log a call that was answered; of a stream, when it has ended."""
        call = _Call(kwargs, start_time, end_time)
        usage = self._usage_of(response_obj)
        is_cached = bool(kwargs.get("cache_hit"))
        cost_usd = 0.0 if is_cached else self._cost(call, response_obj, usage)
        self._add(call, call.call_id, OK, usage, cost_usd, is_cached)

    async def async_log_success_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: datetime, end_time: datetime
    ) -> None:
        """Do as `log_success_event`, for asynchronous calls."""
        self.log_success_event(kwargs, response_obj, start_time, end_time)

    def log_failure_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: datetime, end_time: datetime
    ) -> None:
        """Log an attempt that failed; litellm may repeat it under the same id."""
        call = _Call(kwargs, start_time, end_time)
        name = f"{call.call_id}-{call.started:.6f}"
        self._add(call, name, type(kwargs.get("exception")).__name__, None, None, False)

    async def async_log_failure_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: datetime, end_time: datetime
    ) -> None:
        """Do as `log_failure_event`, for asynchronous calls."""
        self.log_failure_event(kwargs, response_obj, start_time, end_time)

    def _add(
        self, call: _Call, call_id: str, status: str, usage: Usage | None, cost_usd: float | None, is_cached: bool
    ) -> None:
        said = call.metadata
        names: dict[str, Any] = {name: str(said.get(name) or default) for name, default in self._names.items()}
        record = CallRecord(
            model=call.model,
            call_id=call_id,
            timestamp=call.ended,
            prompt_tokens=usage.input_tokens if usage else None,
            cached_tokens=usage.cached_input_tokens if usage else None,
            completion_tokens=usage.output_tokens if usage else None,
            cost_usd=cost_usd,
            seconds=call.seconds,
            status=status,
            cached=is_cached,
            step=said["step"] if type(said.get("step")) is int and said["step"] >= 0 else 0,
            user_hash=self._ledger.hash_of(call.user),
            tags=[*self._tags, *_texts(said.get("tags"))],
            **names,
        )
        self._ledger.add(record)

    def _usage_of(self, reply: Any) -> Usage | None:
        """Return a reply's usage; None where it has none, or one that cannot be."""
        counted = getattr(reply, "usage", None)
        if counted is None:
            return None
        try:
            return read_usage(counted.model_dump() if hasattr(counted, "model_dump") else counted)
        except (InvalidUsage, Unreadable) as error:
            what = str(error).partition(":")[0]
            self._ledger.say(f"a reply's usage cannot be ({what}): the ledger has no tokens and no cost of it.")
            return None

    def _cost(self, call: _Call, reply: Any, usage: Usage | None) -> float | None:
        if usage is None:
            return None
        tier = str(getattr(reply, "service_tier", None) or "")
        replied = str(getattr(reply, "model", None) or call.model)
        request = Request(Endpoint(call.model), (), {})
        completion = Completion("", usage, "", call.seconds or 0.0, replied, call.ended, service_tier=tier)
        try:
            price = charge_of(request, completion, self._ledger.prices).price
        except PriceError as error:
            self._ledger.say(str(error).partition("\n")[0])
            return None
        if price.usd_per_hour and call.seconds is None:
            return None
        return float(cost_of(usage, price, call.seconds or 0.0))


class _Call:
    """What litellm says of a call, read with care: its forms differ by provider and version."""

    def __init__(self, kwargs: Mapping[str, Any], started: datetime, ended: datetime) -> None:
        params = kwargs.get("litellm_params") or {}
        metadata = params.get("metadata")
        self.metadata: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
        self.started, self.ended = started.timestamp(), ended.timestamp()
        taken = self.ended - self.started
        self.seconds = taken if taken >= 0 else None  # the clock was set back
        provider, model = str(kwargs.get("custom_llm_provider") or ""), str(kwargs.get("model") or "")
        self.model = model if not provider or model.startswith(f"{provider}/") else f"{provider}/{model}"
        self.call_id = str(self.metadata.get("call_id") or kwargs.get("litellm_call_id") or new_call_id())
        self.user = str(self.metadata.get("user") or (kwargs.get("optional_params") or {}).get("user") or "")


def _texts(tags: Any) -> list[str]:
    return [str(tag) for tag in tags] if isinstance(tags, list | tuple | set) else []
