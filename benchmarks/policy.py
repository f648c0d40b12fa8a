"""How long a policy takes to pick the way of a request, and to be read.

python benchmarks/policy.py [--rules 1000]
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

from pytest_llmcost import Router
from pytest_llmcost.domain.policy import Policy, PolicyStep, Way
from pytest_llmcost.reports.policy_file import policy_text

REQUESTS = 100_000
WAYS: tuple[Way, ...] = (
    (PolicyStep("openai/gpt-4o"),),
    (PolicyStep("openai/gpt-4o-mini", 0.84), PolicyStep("openai/gpt-4o")),
)


def main() -> None:
    """Print median and 99th percentile of a pick, and the time to read the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", type=int, default=1000)
    rules = parser.parse_args().rules
    draw = random.Random(1)
    policy = Policy("", WAYS[0], "task", {f"task {number}": draw.choice(WAYS) for number in range(rules)})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.yaml"
        path.write_text(policy_text(policy, [], {}), "utf-8")
        start = time.perf_counter()
        router = Router.from_policy(path)
        read = time.perf_counter() - start
    requests = [f"task {draw.randrange(2 * rules)}" for _ in range(REQUESTS)]
    taken = []
    for task in requests:
        start = time.perf_counter()
        router.way("the text of a request", task=task)
        taken.append(time.perf_counter() - start)
    taken.sort()
    p50, p99 = statistics.median(taken), taken[int(0.99 * REQUESTS)]
    print(f"{rules:,} rules, read in {1000 * read:.0f} ms; a pick: p50 {1e6 * p50:.2f} us, p99 {1e6 * p99:.2f} us")


if __name__ == "__main__":
    main()
