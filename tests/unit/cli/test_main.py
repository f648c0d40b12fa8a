"""The `llmcost` command as a program: exit statuses, and a start that is not felt."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pytest_llmcost import __version__
from pytest_llmcost.calls.weights import pull
from pytest_llmcost.cli import _parser, main


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])

    assert left.value.code == 0
    assert capsys.readouterr().out == f"pytest-llmcost {__version__}\n"


def commands(parser: argparse.ArgumentParser, *names: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command below a parser."""
    yield names
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from commands(below, *names, name)


@pytest.mark.parametrize("words", list(commands(_parser())), ids=" ".join)
def test_every_command_says_what_it_does(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*words, "--help"])

    assert left.value.code == 0
    assert capsys.readouterr().out.startswith(" ".join(["usage: llmcost", *words]))


@pytest.mark.parametrize("argv", [[], ["models"], ["models", "fetch"], ["unknown"]])
def test_a_wrong_command_line_is_status_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(argv)

    assert left.value.code == 2
    assert "usage: llmcost" in capsys.readouterr().err


def test_ctrl_c_is_status_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pull, "pull", interrupted)

    assert main(["models", "pull", "minilm"]) == 130
    assert capsys.readouterr().err == "llmcost: interrupted\n"


def test_the_module_runs_and_loads_nothing_heavy() -> None:
    heavy = ("pytest", "litellm", "scipy", "numpy", "jinja2", "diskcache", "xllamacpp", "urllib.request")
    program = f"""
import sys
from pytest_llmcost.cli import _parser, main
try:
    main(["--help"])
except SystemExit:
    print([name for name in {heavy!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.endswith("\n[]\n")
    assert "models" in done.stdout


def test_python_dash_m_is_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest_llmcost.cli", "--version"], capture_output=True, text=True, check=True
    )

    assert done.stdout == f"pytest-llmcost {__version__}\n"


def test_a_reader_that_has_had_enough_is_no_error():
    """`llmcost schema | head -1` ends without a traceback."""
    command = f"{sys.executable} -m pytest_llmcost.cli schema | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{"
    assert done.stderr == ""
