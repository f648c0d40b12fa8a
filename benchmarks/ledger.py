"""How fast the ledger takes records, and how long questions take over millions of them.

python benchmarks/ledger.py [--records 50000] [--rows 10000000] [--folder DIR]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pytest_llmcost.costs.ledger.ledger import Ledger
from pytest_llmcost.costs.ledger.queries import Period, sums

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 365

FILL = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :rows)
INSERT INTO api_calls (call_id, timestamp, run, test, suite, strategy, tier, model, status, task, user_hash, experiment,
  variant, prompt_tokens, cached_tokens, completion_tokens, cost_usd, seconds, cached, attempts, step, tags)
SELECT printf('%012x%016x', i, i * 2654435761), :since + i * :apart, '', '', '', '', 'cheap',
  'openai/model-' || (i * 7 % 5), iif(i % 100 = 0, 'time-out', 'ok'), 'task-' || (i * 13 % 20),
  printf('%032x', i % 50000), '', '', 300 + i % 400, 0, 20 + i % 200, 0.0001 * (i % 70), 0.5, 0, 1, i % 5 = 0, '[]'
FROM n
"""


def cpu() -> float:
    """Return the CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def writing(folder: Path, records: int) -> None:
    """Print how many records a second one process gets into SQLite, from the first `record` to the last commit."""
    with Ledger(folder / "writing.sqlite", prices={"openai/model": {"input": 1, "output": 2}}) as ledger:
        started, used = time.perf_counter(), cpu()
        for number in range(records):
            ledger.record("openai/model", prompt_tokens=500, completion_tokens=number % 200, seconds=0.5, task="triage")
        given = time.perf_counter() - started
        ledger.flush()
        wall = time.perf_counter() - started
        each = 1e6 * (cpu() - used) / records
        print(f"{records:,} records: {records / wall:,.0f} a second, {each:.0f} us of CPU each")
        print(f"  given in {given:.2f} s, all in the database after {wall:.2f} s")


def asking(folder: Path, rows: int) -> None:
    """Print how long questions take over a year of *rows* calls."""
    ledger = Ledger(folder / "asking.sqlite")
    since = UNTIL - timedelta(days=DAYS)
    with ledger._database.writing() as connection:
        started = time.perf_counter()
        apart = DAYS * 86_400_000_000 // rows
        values = {"rows": rows, "since": int(since.timestamp()) * 1_000_000, "apart": apart}
        connection.exec_driver_sql(FILL, values)
    print(f"{rows:,} rows made in {time.perf_counter() - started:.0f} s")
    for days, by in ((7, ("day", "model", "task", "test")), (31, ("day", "model", "task")), (DAYS, ("day", "model"))):
        period = Period(UNTIL - timedelta(days=days), UNTIL, ZoneInfo("Europe/Berlin"))
        with ledger.reading() as connection:
            started, used = time.perf_counter(), cpu()
            found = sums(connection, period, by)
            wall = time.perf_counter() - started
        calls = sum(one.calls for one in found)
        print(f"last {days} days by {', '.join(by)}: {wall:.2f} s ({cpu() - used:.2f} s of CPU), {calls:,} calls")
    ledger.close()


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, help="keep the databases here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.records:
            writing(given.folder or Path(folder), given.records)
        if given.rows:
            asking(given.folder or Path(folder), given.rows)


if __name__ == "__main__":
    main()
