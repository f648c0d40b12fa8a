"""What files keep of a strategy: a fingerprint over all that can change its answers, and what its models cost."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pytest_llmcost.assembly.models import Models, price_fields
from pytest_llmcost.assembly.stale import fingerprint_of, parts_of
from pytest_llmcost.domain.charge import Charge, asked_charge
from pytest_llmcost.domain.context import EMBEDDING, Context
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.plan import Cascade, Foreign, Plan, Route
from pytest_llmcost.domain.suite import StrategySpec, Suite
from pytest_llmcost.domain.trial import StrategyRecord

BETWEEN = " + "
"""Between the models of a strategy that asks several."""


def strategy_record(suite: Suite, spec: StrategySpec, models: Models) -> StrategyRecord:
    """Return a strategy's fingerprint, models and prices, those of all its parts.

    A price that is not known leaves the prices empty; its cases have then failed with that reason.
    """
    own = models.at(suite.path)
    charges: dict[str, Charge] = {}
    unpriced: list[str] = []
    for leaf in spec.leaves():
        try:
            model = own.find(leaf.model)
            charge = asked_charge(model.endpoint.label, {**model.params, **leaf.params}, own)
            charges[charge.name] = charge
        except PriceError as error:
            unpriced.append(error.model)
    prices = {} if unpriced else {name: price_fields(charge.price) for name, charge in charges.items()}
    names = list(dict.fromkeys([*charges, *unpriced]))
    described = _described(suite, spec, own)
    return StrategyRecord(fingerprint_of(described), BETWEEN.join(names), prices, parts_of(described))


def _described(suite: Suite, spec: StrategySpec, models: Models) -> dict[str, Any]:
    """Return all that can change a strategy's answers, in JSON's types."""
    beside: dict[str, Any] = {}
    if spec.confidence is not None:
        told = spec.confidence.map(lambda verifier: _described(suite, verifier, models))
        beside["confidence"] = dataclasses.asdict(told)
    if spec.semantic is not None:
        beside["semantic_cache"] = {**dataclasses.asdict(spec.semantic), "embedder": _embedder()}
    if spec.context is not None:
        compressor = None if spec.compressor is None else _described(suite, spec.compressor, models)
        beside |= _looked_up(spec.context, compressor)
    if spec.plan is not None:
        return {**_unnamed(spec.plan.map(lambda part: _described(suite, part, models))), **beside}
    model, params = _model(spec, models)
    return {
        "model": model,
        "params": {**params, **spec.params},
        "prompt": dataclasses.asdict(spec.prompt),
        "parse": spec.parse,
        "calibrate": spec.calibrate,
        "labels": suite.labels,
        **beside,
    }


def _embedder() -> str:
    from pytest_llmcost.calls.embedding.minilm import MODEL  # here, as few strategies compare meanings

    return MODEL


def _looked_up(context: Context, compressor: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what a strategy looks up: a document that changes is told from a setting that does, or a compressor."""
    settings = dataclasses.asdict(context)
    documents = settings.pop("documents")
    if context.retriever == EMBEDDING:
        settings["embedder"] = _embedder()
    if compressor is not None:
        settings["compressor"] = compressor
    return {"context": settings, "documents": documents}


def _model(spec: StrategySpec, models: Models) -> tuple[str, Mapping[str, Any]]:
    try:
        model = models.find(spec.model)
    except PriceError as error:
        return error.model, {}
    return model.endpoint.model, model.params


def _unnamed(plan: Plan[dict[str, Any]]) -> dict[str, Any]:
    """Return a plan as data; what its steps and branches are called changes no answer."""
    match plan:
        case Cascade():
            return {"cascade": [[step.strategy, step.accept, step.is_error_escalated] for step in plan.steps]}
        case Route():
            to = {value: branch.strategy for value, branch in plan.to.items()}
            otherwise = None if plan.otherwise is None else plan.otherwise.strategy
            return {"by": [plan.by.kind, plan.by.name], "to": to, "otherwise": otherwise}
        case Foreign():
            return {"function": plan.function, "of": dict(plan.of), "options": dict(plan.options)}
