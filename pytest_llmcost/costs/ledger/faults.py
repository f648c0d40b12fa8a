"""How a ledger fails: for good, which is the user's to mend, or for now, which is waited for."""

from __future__ import annotations

from pytest_llmcost.domain.errors import LlmCostError


class LedgerError(LlmCostError):
    """The ledger cannot be used: it is of a newer version, no database, or cannot be reached."""


class Away(Exception):
    """The database cannot be reached or written now; its text says why, without a password."""
