"""Processes of a run tell each other of trials through one file."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from fakes.failpoints import FULL_DISK  # noqa: F401

from pytest_llmcost.assembly.exchange import Exchange
from pytest_llmcost.domain.trial import Trial
