"""Cases that several strategies answered, made in one line; and a project with a run of such cases on disk."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from pytest_llmcost.domain.trial import Call, Run, RunHeader, StrategyRecord, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.reports.run_file import write_run
from pytest_llmcost.strategies.learn.samples import Outcome, Sample
from pytest_llmcost.suites.read import read_suite

SUITE = "bench_mail.yaml"


def outcome(
    score: float = 1.0, usd: str = "0.001", confidence: float | None = None, seconds: float = 1.0, tokens: int = 100
) -> Outcome:
    return Outcome(score, score >= 0.5, Decimal(usd), seconds, tokens, confidence)


def sample(case: object, kind: str = "mail", group: str | None = None, **outcomes: Outcome) -> Sample:
    return Sample("bench.yaml", str(case), kind, group, {name: (one,) for name, one in outcomes.items()})


def sure_and_unsure(sure: int, unsure: int, *, unsure_right: int = 0) -> list[Sample]:
    """Cases that `dear` answers rightly; `cheap` is right where it is sure (0.9), and rarely where it is not (0.3)."""
    cases = [
        sample(f"s{number:03}", cheap=outcome(1.0, "0.001", 0.9), dear=outcome(1.0, "0.01")) for number in range(sure)
    ]
    for number in range(unsure):
        score = float(number < unsure_right)
        cases.append(sample(f"u{number:03}", cheap=outcome(score, "0.001", 0.3), dear=outcome(1.0, "0.01")))
    return cases


def write_project(
    folder: Path, cases: Sequence[Mapping[str, object]], *, strategies: Sequence[str] = ("cheap", "dear")
) -> None:
    """Write a suite of *cases*, and the tiers that its strategies are."""
    named = "".join(f"  {name}: {{model: stub/{name}}}\n" for name in strategies)
    lines = "".join(f"  - {{{', '.join(f'{key}: {value}' for key, value in case.items())}}}\n" for case in cases)
    text = f'prompt: "{{{{ text }}}}"\nstrategies:\n{named}cases:\n{lines}'
    (folder / SUITE).write_text(text, "utf-8")
    (folder / "llmcost.toml").write_text('[tiers]\ncheap = "stub/cheap"\ndear = "stub/dear"\n', "utf-8")


def write_answers(
    path: Path, folder: Path, answers: Mapping[str, Sequence[tuple[float | None, str, float | None]]]
) -> Path:
    """Write the run in which each strategy gave these answers to the suite's cases: score, US dollars, confidence."""
    cases = read_suite(folder / SUITE, root=folder).cases
    strategies = {
        name: StrategyRecord(f"fp-{name}", f"stub/{name}", {f"stub/{name}": {"input": 1}}) for name in answers
    }
    trials = [
        _trial(name, case.id, case.fingerprint, *answer)
        for name, own in answers.items()
        for case, answer in zip(cases, own, strict=True)
    ]
    header = RunHeader("2026-11-24T10:00:00+00:00", {}, "c0ffee", {SUITE: strategies}, "2026-11-01", "d1e2")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_run(path, Run(header, tuple(trials)), keep_text=False)
    return path


def _trial(
    strategy: str, case: str, fingerprint: str, score: float | None, usd: str, confidence: float | None
) -> Trial:
    amount = Decimal(usd)
    call = Call(f"stub/{strategy}", Usage(1000), 1.0, amount, amount, 1, cached=False, key=f"{strategy} {case}")
    return Trial(
        suite=SUITE,
        strategy=strategy,
        case=case,
        trial=1,
        fingerprint=fingerprint,
        score=score,
        correct=None if score is None else score >= 1,
        error="broken reply" if score is None else None,
        calls=(call,),
        paid_usd=amount,
        answer_sha256="",
        confidence=confidence,
    )


def random_samples(seed: int, count: int, kinds: Sequence[str] = ("a", "b", "c")) -> list[Sample]:
    """Cases of three tiers with a confidence that is worth something, all of it dice."""
    draw = random.Random(seed)
    chances = {kind: (draw.uniform(0.3, 1), draw.uniform(0.6, 1), draw.uniform(0.7, 1)) for kind in kinds}
    costs = [draw.choice(("0.0001", "0.001", "0.002")), draw.choice(("0.001", "0.003")), draw.choice(("0.003", "0.01"))]
    found = []
    for number in range(count):
        kind = draw.choice(list(kinds))
        outcomes = {}
        for name, chance, usd in zip(("cheap", "mid", "dear"), chances[kind], costs, strict=True):
            score = float(draw.random() < chance)
            confidence = min(1.0, max(0.0, draw.gauss(0.5 + 0.25 * score, 0.2)))
            outcomes[name] = outcome(score, usd, confidence, draw.uniform(0.2, 2))
        found.append(sample(f"{number:04}", kind, **outcomes))
    return found
