"""The ledger's tables; files that users depend on, so that names and meanings stay."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, SmallInteger, String, Table, Text

from pytest_llmcost.costs.ledger.records import CALLS, LONGEST_NAME, NAMES, OUTCOMES

METADATA = MetaData()

api_calls = Table(
    CALLS,
    METADATA,
    # The order of arrival, which holds also where the clock was set back.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("call_id", String(LONGEST_NAME), nullable=False, unique=True),
    Column("timestamp", BigInteger, nullable=False, index=True),  # microseconds since 1970 UTC
    *(Column(name, String(LONGEST_NAME), nullable=False) for name in NAMES),
    Column("prompt_tokens", BigInteger),
    Column("cached_tokens", BigInteger),
    Column("completion_tokens", BigInteger),
    Column("cost_usd", Double),  # NULL where no price is known
    Column("seconds", Double),
    Column("cached", SmallInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("tags", Text, nullable=False),  # a JSON list
)
Index(
    "ix_api_calls_experiment",
    api_calls.c.experiment,
    sqlite_where=api_calls.c.experiment != "",
    postgresql_where=api_calls.c.experiment != "",
)

outcomes = Table(
    OUTCOMES,
    METADATA,
    Column("call_id", String(LONGEST_NAME), primary_key=True),
    Column("source", String(LONGEST_NAME), primary_key=True),  # whose word it is; their last one holds
    Column("timestamp", BigInteger, nullable=False),
    Column("ok", SmallInteger, nullable=False),
)

ledger_version = Table("ledger_version", METADATA, Column("version", Integer, nullable=False))

TABLES = {table.name: table for table in (api_calls, outcomes)}
