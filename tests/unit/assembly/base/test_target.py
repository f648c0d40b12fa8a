"""A pull request's job knows the branch that it wants to get into; any other job has none."""

from __future__ import annotations

import pytest

from pytest_llmcost.assembly.base.target import target_branch

QUEUED = "refs/heads/gh-readonly-queue/release/1.x/pr-7-" + "0" * 40


@pytest.mark.parametrize(
    ("environment", "branch"),
    [
        ({}, ""),
        ({"GITHUB_EVENT_NAME": "push", "GITHUB_BASE_REF": "", "GITHUB_REF": "refs/heads/main"}, ""),
        ({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main"}, "main"),
        ({"GITHUB_EVENT_NAME": "merge_group", "GITHUB_REF": QUEUED}, "release/1.x"),
        ({"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "develop"}, "develop"),
        ({"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/release/1.x"}, "release/1.x"),
        ({"BITBUCKET_PR_DESTINATION_BRANCH": "main"}, "main"),
        ({"BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main"}, "main"),
        ({"CHANGE_TARGET": "main"}, "main"),
    ],
)
def test_each_ci_system_says_it_in_a_word_of_its_own(environment: dict[str, str], branch: str) -> None:
    assert target_branch(environment) == branch
