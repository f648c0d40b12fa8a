"""What a run did not look at is said: silence would pass for a pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.gate.baseline import Baseline, baseline_path


def left_out(
    root: Path, suites: Sequence[Suite], entries: Sequence[Entry], baselines: Mapping[str, Baseline | None]
) -> Iterator[str]:
    """Yield a line on every suite and strategy of which no case was selected, and on those of a baseline that are gone.

    Args:
        root: The root directory.
        suites: Those that were read.
        entries: Of the strategies that were asked.
        baselines: By suite.
    """
    for suite in suites:
        asked = {entry.spec.name for entry in entries if entry.suite.path == suite.path}
        here = [spec.name for spec in suite.strategies]
        unasked = [name for name in here if name not in asked]
        if not asked:
            yield f"{suite.path}: no case was selected, so that there is no verdict"
        elif unasked:
            yield f"{suite.path}: not asked, and not judged: {', '.join(unasked)}"
        baseline = baselines.get(suite.path)
        # What strategies a test in Python has, only its run shows.
        lack = "not in this run" if "::" in suite.path else "no longer in the suite"
        for name in baseline.strategies if baseline else ():
            if name not in here:
                yield f"{suite.path}: strategy '{name}' is in the baseline, and {lack}"
    for folder in sorted({baseline_path(root, suite.path).parent for suite in suites}):
        for file in sorted(folder.glob("*.jsonl")):
            if not _has_suite(file):
                yield f"{file.relative_to(root)}: there is no suite of that name, or it is no regular file"


def _has_suite(baseline: Path) -> bool:
    beside, stem = baseline.parent.parent, baseline.stem
    names = [f"{stem}.yaml", f"{stem}.yml", f"{stem.partition('.')[0]}.py"]
    return any((beside / name).is_file() for name in names)
