"""docs/ci.md says what there is: inputs, files, keys, and a workflow that the linters take."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import yaml
from fakes.reports import report
from fakes.rows import row, verdict

from pytest_llmcost.cli.init.ci.write import TEMPLATES
from pytest_llmcost.reports.document import document_of

PAGE = (Path(__file__).parents[2] / "docs/ci.md").read_text("utf-8")
PACKAGE = files("pytest_llmcost.cli.init.ci")


def first_cells(header: str) -> list[str]:
    """The names in the first column of the table with that header."""
    table = PAGE.split(f"| {header} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [name for line in table for name in re.findall(r"`([^`]+)`", line.split(" | ")[0])]


def test_every_input_of_the_action_is_told_with_its_default() -> None:
    inputs = yaml.safe_load(PACKAGE.joinpath("action.yml").read_text("utf-8"))["inputs"]

    assert first_cells("input | default") == list(inputs)
    for name, stated in inputs.items():
        if stated["default"]:
            assert f"| `{name}` | `{stated['default']}` |" in PAGE


def test_every_file_that_is_written_is_told() -> None:
    assert first_cells("file") == list(TEMPLATES["github"])


def test_every_key_of_the_report_is_told() -> None:
    document = document_of(report(row(verdict("quality"))))

    assert first_cells("key") == list(document)
    listed = PAGE.split("| `strategies` | a list:")[1].split(" |\n")[0]
    assert set(re.findall(r"`(\w+)`", listed)) <= set(document["strategies"][0])
    told = PAGE.split("\nA verdict has ")[1]
    assert set(re.findall(r"`(\w+)`", told)) <= set(document["strategies"][0]["verdicts"][0])


def test_the_workflow_of_several_machines_is_sound(tmp_path: Path) -> None:
    (text,) = re.findall(r"<!-- workflow -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / ".github/workflows").mkdir(parents=True)
    file = tmp_path / ".github/workflows/llmcost.yml"
    file.write_text(text, "utf-8")

    schema = ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(file))
    for program, *arguments in (schema, ("zizmor", "--offline", "--no-progress", "--min-severity=medium", str(file))):
        done = subprocess.run([Path(sys.executable).with_name(program), *arguments], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
