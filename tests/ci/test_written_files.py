"""`llmcost init --ci`: what is written passes the linters, fits the project, and replaces nothing."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from fakes.git_project import git

from pytest_llmcost import __version__
from pytest_llmcost.cli import main
from pytest_llmcost.cli.keys import PROVIDERS

ROOT = Path(__file__).parents[2]
WORKFLOW, ACTION, JOB = ".github/workflows/llmcost.yml", ".github/actions/llmcost/action.yml", ".gitlab/llmcost.yml"
SUITE = "prompt: '{{ text }}'\nscorer: exact\nstrategies: {one: {model: MODEL}}\ncases: [{text: a, expected: b}]\n"


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose default branch is `trunk`, without a suite; no key is set."""
    for provider in PROVIDERS:
        for name in provider.variables:
            monkeypatch.delenv(name, raising=False)
    git(tmp_path, "init", "--quiet", "--initial-branch=trunk")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def suite(folder: Path, model: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench_mail.yaml").write_text(SUITE.replace("MODEL", model), "utf-8")


def written(path: Path) -> dict[str, object]:
    return yaml.safe_load(path.read_text("utf-8"))  # type: ignore[no-any-return]


def step(top: Path) -> dict[str, object]:
    """The workflow's use of the action."""
    return written(top / WORKFLOW)["jobs"]["llmcost"]["steps"][-1]  # type: ignore[index, no-any-return]


def linted(program: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name(program), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_the_files_fit_the_schemas_of_their_systems(top: Path) -> None:
    suite(top / "a", "openai/gpt-4o-mini")
    main(["init", "--ci", "github"])
    main(["init", "--ci", "gitlab"])

    for schema, file in (("github-workflows", WORKFLOW), ("github-actions", ACTION), ("gitlab-ci", JOB)):
        done = linted("check-jsonschema", "--builtin-schema", f"vendor.{schema}", file, folder=top)
        assert done.returncode == 0, done.stdout
    (top / WORKFLOW).write_text((top / WORKFLOW).read_text("utf-8").replace("runs-on", "runs-at"), "utf-8")
    assert linted("check-jsonschema", "--builtin-schema", "vendor.github-workflows", WORKFLOW, folder=top).returncode


def test_an_audit_finds_no_way_in(top: Path) -> None:
    suite(top, "openai/gpt-4o-mini")
    main(["init", "--ci"])
    audit = ("--offline", "--no-progress", "--min-severity=medium", ".")
    assert linted("zizmor", *audit, folder=top).returncode == 0

    planted = (
        (top / ACTION).read_text("utf-8").replace('eval "$INSTALL"', "echo ${{ github.event.pull_request.title }}")
    )
    (top / ACTION).write_text(planted, "utf-8")
    assert "template-injection" in linted("zizmor", *audit, folder=top).stdout


def test_the_action_at_the_repositorys_root_is_the_one_that_is_written() -> None:
    package = files("pytest_llmcost.cli.init.ci")
    own = package.joinpath("action.yml").read_text("utf-8")

    script = "$GITHUB_ACTION_PATH/pytest_llmcost/cli/init/ci/publish.py"
    assert (ROOT / "action.yml").read_text("utf-8") == own.replace("$GITHUB_ACTION_PATH/publish.py", script)
    assert package.joinpath("publish.py").is_file()


def test_the_workflow_fits_the_project(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite(top / "eval/mails", "openai/gpt-4o-mini")
    settings = '# anthropic/claude\n[tiers]\nmid = "mistral/mistral-small-latest"\n[models.ours]\nmodel = "openai/x"\n'
    (top / "eval/llmcost.toml").write_text(f'{settings}api_base = "http://x"\napi_key_env = "OUR_KEY"\n', "utf-8")

    assert main(["init", "--ci", "--folder", "eval"]) == 0

    assert written(top / WORKFLOW)[True]["push"] == {"branches": ["trunk"]}  # type: ignore[index]
    assert step(top)["with"] == {
        "install": f"python -m pip install --quiet 'pytest-llmcost=={__version__}'",
        "working-directory": "eval",
    }
    keys = ["OPENAI_API_KEY", "MISTRAL_API_KEY", "OUR_KEY"]
    assert step(top)["env"] == {key: f"${{{{ secrets.{key} }}}}" for key in keys}
    assert "gh secret set OUR_KEY" in capsys.readouterr().out
    assert not (top / "eval/bench_first.yaml").exists(), "there is a suite"


def test_a_local_model_needs_its_weights_and_no_key(top: Path) -> None:
    suite(top, "local/smollm2-135m")
    main(["init", "--ci"])
    main(["init", "--ci=gitlab"])

    assert "env" not in step(top)
    install = (
        f"python -m pip install --quiet 'pytest-llmcost[local]=={__version__}' && llmcost models pull smollm2-135m"
    )
    assert step(top)["with"] == {"install": install}
    assert install in written(top / JOB)["llmcost"]["script"]  # type: ignore[index]


def test_the_gitlab_job_runs_where_the_configuration_is(top: Path) -> None:
    suite(top / "eval", "openai/gpt-4o-mini")
    (top / "eval/llmcost.toml").write_text("attempts = 2\n", "utf-8")
    main(["init", "--ci", "gitlab", "--folder", "eval"])

    job = written(top / JOB)["llmcost"]
    assert "cd eval" in job["script"]  # type: ignore[index]
    assert job["cache"]["paths"] == ["eval/.llmcost/cache/"]  # type: ignore[index]


def test_a_project_without_a_suite_gets_one_too(top: Path) -> None:
    assert main(["init", "--ci"]) == 0

    assert (top / "bench_first.yaml").exists()
    assert (top / WORKFLOW).exists()


def test_nothing_is_overwritten_without_force(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite(top, "openai/gpt-4o-mini")
    (top / ".github/actions/llmcost").mkdir(parents=True)
    (top / ACTION).write_text("mine", "utf-8")

    assert main(["init", "--ci"]) == 2
    assert "action.yml is there already, and is kept.\n--force overwrites it." in capsys.readouterr().err
    assert not (top / WORKFLOW).exists()

    assert main(["init", "--ci", "--force"]) == 0
    assert (top / ACTION).read_text("utf-8") != "mine"
    assert not (top / "bench_first.yaml").exists()
