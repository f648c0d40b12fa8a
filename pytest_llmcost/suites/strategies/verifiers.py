"""A verifier's own prompt reads the answer that it checks, beside the fields of the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_llmcost.suites.strategies.specs import Strategies
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.report import Report
from pytest_llmcost.suites.variables import Beside, check_variables, variables_read

ANSWER = "answer"


def check_verifiers(strategies: Strategies, cases: list[Section], variables: Mapping[str, Any], report: Report) -> None:
    """Report what is wrong with the prompts of *strategies*' verifiers.

    Args:
        strategies: The suite's.
        cases: As read.
        variables: What templates have beside the fields of a case.
        report: Takes the mistakes.
    """
    fields = {name for case in cases for name in case.rest}
    beside = Beside({**variables, ANSWER: ""}, coded=fields)
    for section in strategies.checking:
        count = len(report)
        if not any(one is section for one in strategies.sections):  # (that is checked already)
            check_variables([section], cases, [], beside, report)
        if len(report) == count and not _reads_answer(section):
            at = section.at("messages" if "messages" in section else "prompt")
            report.add(at, "a verifier's prompt does not read {{ answer }}, which it is to check. Add it")


def _reads_answer(section: Section) -> bool:
    """Whether a section's prompt reads the answer; one without a prompt leaves that to the built-in one."""
    read = variables_read([section])
    return not ("prompt" in section or "messages" in section) or read is None or ANSWER in read
