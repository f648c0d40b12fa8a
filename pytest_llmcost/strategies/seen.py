"""What a function may see of a case that is yet to be answered: in production nobody knows what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pytest_llmcost.domain.suite import Case
from pytest_llmcost.scoring.python import case_mapping


def seen(case: Case) -> Mapping[str, Any]:
    """Return a case, read-only: its fields, `id`, `tags` and `meta`."""
    return MappingProxyType({name: value for name, value in case_mapping(case).items() if name != "expected"})
