"""A trial with all that one may have, and one that failed."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from pytest_llmcost.domain.trial import Call, Trial
from pytest_llmcost.domain.usage import Usage

CALL = Call(
    model="stub/small",
    usage=Usage(100, 40, 10, 8, 3, is_estimated=True),
    seconds=0.25,
    usd=Decimal("0.00123"),
    paid_usd=Decimal("0.0025"),
    attempts=2,
    cached=False,
    key="ab" * 32,
)
TRIAL = Trial(
    suite="bench_mail.yaml",
    strategy="cheap",
    case="late",
    trial=1,
    fingerprint="9f2c41",
    score=1.0,
    correct=True,
    error=None,
    calls=(CALL,),
    paid_usd=Decimal("0.0025"),
    answer_sha256="cd" * 32,
    shared=(dataclasses.replace(CALL, key="ef" * 32),),
    flags=("length",),
    expected=("spam",),
    got="spam",
)
FAILED = dataclasses.replace(
    TRIAL, case="rain", score=None, correct=None, error="time-out", error_kind="time-out", calls=(), shared=(), got=None
)
