"""A pull request's job knows the branch that it wants to get into: that is what decides, not the request itself."""

from __future__ import annotations

import re
from collections.abc import Mapping

VARIABLES = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
    "CHANGE_TARGET",
)
"""Of GitHub, GitLab, Azure, Bitbucket, Buildkite and Jenkins: set in the jobs of pull requests alone."""

_QUEUED = re.compile(r"refs/heads/gh-readonly-queue/(?P<branch>.+)/pr-[0-9]+-[0-9a-f]{40}")


def target_branch(environment: Mapping[str, str]) -> str:
    """Return the name of the branch that this job's pull request is to be merged into; empty in any other job."""
    for variable in VARIABLES:
        if name := environment.get(variable, "").removeprefix("refs/heads/"):
            return name
    queued = _QUEUED.fullmatch(environment.get("GITHUB_REF", ""))
    return queued["branch"] if queued else ""
