"""How long a verdict takes: all metrics of one strategy, from its cases to the words, in a process of its own.

    python benchmarks/verdict.py [--cases 1000 100000] [--kind graded]

Prints the CPU seconds of the verdict on quality, and of those on all metrics; it is one thread, so that a machine that
does nothing else takes as long. The import of numpy is included. All answers were asked anew, but for two kinds that
need no test: one without a baseline, and one that is unchanged.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random

from pytest_llmcost.domain.gate import Gate
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.judge import Judged, judge
from pytest_llmcost.gate.pairing import pair_cases
from pytest_llmcost.gate.records import CaseRecord

PRICES = {"stub/small": Price(input=Decimal("0.15"), output=Decimal("0.6"))}
SKILL = 0.9
KINDS = {
    "right or wrong": (1, 1),
    "graded": (1, 1),
    "graded, many values": (1, 1),
    "3 trials a case": (3, 3),
    "1 trial before, 3 now": (1, 3),
    "8 trials before, 7 now": (8, 7),
    "groups of 5": (1, 1),
    "without a baseline, graded": (1, 1),
    "unchanged": (1, 1),
}


def records(kind: str, n: int, trials: int, random: Random, answers: str) -> list[CaseRecord]:
    """Return *n* cases whose scores, tokens and seconds vary by chance."""
    return [
        CaseRecord(
            case=f"c{place:06}",
            strategy="cheap",
            fingerprint="9f2c41",
            scores=tuple(_score(kind, random) for _ in range(trials)),
            answers=answers,
            usage={"stub/small": Usage(input_tokens=random.randrange(200, 900), output_tokens=8)},
            seconds=trials * random.lognormvariate(0, 0.5),
        )
        for place in range(n)
    ]


def _score(kind: str, random: Random) -> float:
    if "many" in kind:
        return random.random()
    return random.choice((0.0, 0.25, 0.5, 1.0)) if "graded" in kind else float(random.random() < SKILL)


def measure(kind: str, n: int) -> tuple[float, float]:
    """Return the seconds from two lists of cases to the verdict on quality, and to those on all metrics."""
    random, (before_trials, now_trials) = Random(1), KINDS[kind]
    before = records(kind, n, before_trials, random, "before")
    now = before if kind == "unchanged" else records(kind, n, now_trials, random, "now   ")
    groups: Mapping[str, str | None] = {c.case: f"g{p // 5}" for p, c in enumerate(now)} if "groups" in kind else {}
    start = time.process_time()
    pairing = None if "without" in kind else pair_cases(before, now, same_strategy=kind == "unchanged", groups=groups)
    judging = judge(Judged("bench_mail.yaml", "cheap", Gate(), now, pairing, PRICES))
    decide([next(judging)])
    quality = time.process_time() - start
    decide(judging)
    return quality, time.process_time() - start


def main(arguments: Sequence[str]) -> None:
    """Measure each kind in a fresh process, one after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--kind", choices=KINDS, help="measure this alone, in this process")
    given = parser.parse_args(arguments)
    if given.kind:
        print("{:.2f} / {:.2f}".format(*measure(given.kind, given.cases[0])))
        return
    print(f"{'quality / all metrics':28}" + "".join(f"{n:>14,}" for n in given.cases))
    for kind in KINDS:
        cells = [
            subprocess.run(
                [sys.executable, __file__, "--kind", kind, "--cases", str(n)],
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            for n in given.cases
        ]
        print(f"{kind:28}" + "".join(f"{cell:>14}" for cell in cells))


if __name__ == "__main__":
    main(sys.argv[1:])
