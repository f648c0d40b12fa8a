"""The name under which the machines of one run find each other."""

from __future__ import annotations

import pytest

from pytest_llmcost.assembly.run_name import run_name
from pytest_llmcost.domain.errors import SettingsError

GITHUB = {"GITHUB_REPOSITORY": "us/shop", "GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "2", "GITHUB_JOB": "bench"}


def test_jobs_of_one_build_share_a_name_and_a_second_attempt_has_its_own() -> None:
    assert run_name(GITHUB) == run_name({**GITHUB, "GITHUB_JOB": "other"}) == "us/shop-77-2"
    assert run_name({**GITHUB, "GITHUB_RUN_ATTEMPT": "3"}) != run_name(GITHUB)


def test_the_variable_of_one_s_own_comes_first() -> None:
    assert run_name({**GITHUB, "LLMCOST_RUN_NAME": "mine"}) == "mine"


@pytest.mark.parametrize("environment", [{}, {"LLMCOST_RUN_NAME": ""}, {"GITHUB_RUN_ID": "77"}])
def test_without_a_name_the_error_says_which_variable_to_set(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="Set LLMCOST_RUN_NAME"):
        run_name(environment)
