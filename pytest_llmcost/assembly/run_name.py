"""What a run is called on all its machines: as the environment says, or the CI system's number of the build."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmcost.domain.errors import SettingsError

VARIABLE = "LLMCOST_RUN_NAME"

_OF_CI = (
    ("GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"),
    ("CI_PROJECT_PATH", "CI_PIPELINE_ID"),
    ("BUILDKITE_BUILD_ID",),
    ("CIRCLE_WORKFLOW_ID",),
    ("BUILD_BUILDURI",),
    ("JENKINS_URL", "BUILD_TAG"),
)
"""Of GitHub, GitLab, Buildkite, CircleCI, Azure and Jenkins: together the same for all jobs of one build."""


def run_name(environment: Mapping[str, str]) -> str:
    """Return the name under which the machines of one run find each other.

    Raises:
        SettingsError: If there is none.
    """
    if environment.get(VARIABLE):
        return environment[VARIABLE]
    for names in _OF_CI:
        if all(environment.get(name) for name in names):
            return "-".join(environment[name] for name in names)
    raise SettingsError(
        f"shared_budget needs a name for this run, the same on all its machines. Set {VARIABLE}.", key="shared_budget"
    )
