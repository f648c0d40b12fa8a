"""Other packages' reports of a run: each is made, whatever becomes of the others."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from pytest_llmcost.assembly.extensions.added import Reporter
from pytest_llmcost.domain.gate import Verdict
from pytest_llmcost.domain.trial import Run


def make_reports(
    reports: Sequence[tuple[str, Reporter]], run: Run, verdicts: Sequence[Verdict], *, keep_text: bool
) -> Iterator[str]:
    """Yield what went wrong with each report, if anything did.

    Args:
        reports: With who adds them.
        run: All of it, for those who may see its texts.
        verdicts: On it.
        keep_text: Whether reports may hold answers, and what was expected.
    """
    if reports and not keep_text:
        trials = tuple(dataclasses.replace(trial, expected=(), got=None) for trial in run.trials)
        run = dataclasses.replace(run, trials=trials)
    for owner, report in reports:
        try:
            report(run, tuple(verdicts))
        except Exception as error:  # (anybody's code; the other reports are due all the same)
            yield f"the report by {owner} raised {type(error).__name__}: {error}"
