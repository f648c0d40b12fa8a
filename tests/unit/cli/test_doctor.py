"""`llmcost doctor`, as it is typed: each thing that can be wrong is found, and nothing is changed or given away."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from fakes.packages import install
from fakes.stub_server import Reply, StubServer, as_json, error, redirect

from pytest_llmcost.calls.cache.disk import DiskStore
from pytest_llmcost.cli import main, project
from pytest_llmcost.cli.doctor import installed, reach
from pytest_llmcost.cli.keys import PROVIDERS
from pytest_llmcost.domain.digest import digest
from pytest_llmcost.plugin.collection import PATTERNS

CANARY = "sk-canary-0815"
SUITE = """
prompt: "{{ text }}"
strategies: {one: {model: MODEL}}
cases:
  - {text: "What is 2 + 2?", expected: "4"}
  - {text: "What is 3 + 3?", expected: "6"}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, in an environment without keys, proxies and settings."""
    names = {name for provider in PROVIDERS for name in provider.variables}
    names |= {name for name in os.environ if name.startswith("LLMCOST_") or name.lower().endswith("_proxy")}
    names |= {name for name in os.environ if name.endswith(("_BASE_URL", "_API_BASE"))}
    for name in names:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LLMCOST_MODELS", str(tmp_path / "no models"))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


class Doctor:
    """Runs the command and keeps what it found."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.status = 0
        self.out = ""

    def __call__(self, *options: str) -> Doctor:
        self.status = main(["doctor", "--json", *options])
        self.out = self._capsys.readouterr().out
        return self

    def about(self, topic: str) -> list[dict[str, Any]]:
        return [finding for finding in json.loads(self.out)["findings"] if finding["topic"] == topic]

    def one(self, topic: str) -> tuple[str, str, str]:
        """Return level, text and what to do of the only finding on a topic."""
        (finding,) = self.about(topic)
        return finding["level"], finding["text"], finding["todo"]


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str]) -> Doctor:
    return Doctor(capsys)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


# -- the command --------------------------------------------------------------------------------------------------


def test_an_empty_project_is_not_broken_and_nothing_is_made(folder: Path, doctor: Doctor) -> None:
    assert doctor().status == 0

    assert json.loads(doctor.out)["ok"] is True
    assert doctor.one("configuration")[:2] == ("ok", f"none at {folder} or above: the defaults hold")
    assert doctor.one("suite")[0] == "warn"
    assert list(folder.iterdir()) == []


def test_each_line_begins_with_how_it_stands_and_what_to_do_is_below(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder / ".env", f"OPENAI_API_KEY={CANARY}")

    assert main(["doctor"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines if not line.startswith(" ")} <= {"ok", "warn", "bad"}
    at = lines.index(f"warn .env: {folder / '.env'} is there, and nobody reads it")
    assert lines[at + 1].strip() == f"set -a; . {folder / '.env'}; set +a"


def test_a_folder_that_is_not_there_is_a_wrong_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--folder", "nowhere"]) == 2

    assert "there is no such folder" in capsys.readouterr().err


def test_versions_are_shown_and_what_is_missing_is_named(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"pytest": "9.0", "pytest-llm-cost": "1.0"}
    monkeypatch.setattr(installed, "_version", there.get)

    assert doctor().status == 1

    levels = {finding["text"]: finding["level"] for finding in doctor.about("installed")}
    assert levels["pytest 9.0"] == "ok"
    assert levels["litellm is missing"] == "bad"
    assert levels["no xllamacpp"] == levels["no pytest-xdist"] == "warn"
    assert [text for text in levels if text.startswith("pytest-llm-cost has an option --llm-budget")]


# -- keys and variables -------------------------------------------------------------------------------------------


def test_t05_keys_are_named_and_never_shown(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARY)
    monkeypatch.setenv("OPENAI_API_KEY", f"'{CANARY}'")

    doctor()

    assert [(found["level"], found["text"]) for found in doctor.about("key")] == [
        ("warn", "OPENAI_API_KEY begins or ends with a blank or a quote"),
        ("ok", "ANTHROPIC_API_KEY is set"),
    ]
    assert CANARY not in doctor.out


def test_a_misspelt_variable_is_found(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMCOST_MAX_TOKEN", "5")
    monkeypatch.setenv("LLMCOST_MAX_TOKENS", "5")

    doctor()

    levels = {found["text"].split()[0]: found["level"] for found in doctor.about("variable")}
    assert levels == {"LLMCOST_MAX_TOKEN": "warn", "LLMCOST_MAX_TOKENS": "ok", "LLMCOST_MODELS": "ok"}


def test_keys_that_the_models_need_and_that_are_not_there_are_named(folder: Path, doctor: Doctor) -> None:
    write(
        folder / "llmcost.toml",
        '[tiers]\ncheap = "openai/gpt-4o-mini"\nmid = "gpt-4o"\n'
        '[models.ours]\nmodel = "openai/gpt-4o"\napi_key_env = "OUR_KEY"\n',
    )

    assert doctor().status == 0

    texts = [found["text"] for found in doctor.about("key") if found["level"] == "warn"]
    assert texts == [
        "OPENAI_API_KEY is not set, and cheap, mid may need it",
        "OUR_KEY is not set, and ours may need it",
    ]


def test_either_of_two_usual_variables_is_enough(folder: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "llmcost.toml", '[tiers]\ncheap = "gemini/gemini-2.5-flash"\n')
    monkeypatch.setenv("GOOGLE_API_KEY", CANARY)

    doctor()

    assert [found["level"] for found in doctor.about("key")] == ["ok"]


# -- the configuration --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "head"), [("llmcost.toml", ""), ("pyproject.toml", "[tool.llmcost]\n")])
def test_the_configuration_is_found_above_the_folder(folder: Path, doctor: Doctor, name: str, head: str) -> None:
    write(folder / name, f"{head}max_tokens = 5\n")
    write(folder / "evals" / "pyproject.toml", "[project]\nname = 'x'\n")

    doctor("--folder", "evals")

    assert doctor.one("configuration")[:2] == ("ok", str(folder / name))


@pytest.mark.parametrize(
    "text", ["max_tokenz = 5", "max_tokens = 'x'", "[", '[tiers]\na = "b"\nb = "a"', '[prices."x/y"]\ninput = 1']
)
def test_a_broken_configuration_is_said_and_the_rest_waits(folder: Path, doctor: Doctor, text: str) -> None:
    write(folder / "llmcost.toml", text)
    write(folder / "bench_a.yaml", SUITE)

    assert doctor().status == 1

    assert [found["level"] for found in doctor.about("configuration")] == ["bad", "warn"]
    assert doctor.about("suite") == []


# -- models -------------------------------------------------------------------------------------------------------


def test_every_model_that_is_named_has_its_price_shown_or_asked_for(folder: Path, doctor: Doctor) -> None:
    write(
        folder / "llmcost.toml",
        '[tiers]\nmid = "openai/gpt-4o-mini"\ncheap = "local/smollm2-135m"\n'
        '[models.ours]\nmodel = "openai/own"\n[prices.ours]\ninput = 1\noutput = 2\n',
    )
    write(folder / "bench_a.yaml", SUITE.replace("MODEL", "openai/unheard-of"))

    assert doctor().status == 1

    found = {finding["text"].split(":")[0]: finding for finding in doctor.about("price")}
    assert found["mid = openai/gpt-4o-mini"]["text"].startswith("mid = openai/gpt-4o-mini: input 0.15, ")
    assert found["cheap = local/smollm2-135m"]["text"].endswith(": 0.04 USD an hour of compute (assumed)")
    assert found["ours = openai/own"]["text"].endswith("input 1, output 2 USD per million tokens (configuration)")
    (unknown,) = (finding for finding in doctor.about("price") if finding["level"] == "bad")
    assert unknown["todo"].startswith('[tool.llmcost.prices."openai/unheard-of"]\ninput = ')


def test_local_models_are_pulled_or_not(folder: Path, doctor: Doctor) -> None:
    write(folder / "llmcost.toml", '[tiers]\ncheap = "local/smollm2-135m"\nown = "local/own.gguf"\n')
    (folder / "own.gguf").write_bytes(b"GGUF")

    doctor()

    cheap, own, minilm = (found for found in doctor.about("local model") if found["level"] != "bad")
    assert (cheap["level"], cheap["todo"]) == ("warn", "Get them with: llmcost models pull smollm2-135m")
    assert (own["level"], own["text"]) == ("ok", f"own.gguf: pulled, {folder / 'own.gguf'}")
    assert minilm["text"] == "minilm: not pulled; nothing here names it"


# -- the cache ----------------------------------------------------------------------------------------------------


def fill(path: Path, answers: int) -> None:
    store = DiskStore(path, warn=pytest.fail)
    for number in range(answers):
        store.set(digest(number), "an answer")
    store.set("about:somebody", "a note, and no answer")
    store.close()


def test_the_cache_is_counted_and_not_made(folder: Path, doctor: Doctor) -> None:
    cache = folder / ".llmcost" / "cache"

    assert doctor().one("cache")[0] == "ok"
    assert not cache.exists()

    fill(cache, 3)
    level, text, _ = doctor().one("cache")
    assert (level, text.split(", ")[0]) == ("ok", f"{cache}: 3 answers")


def test_recordings_and_a_shared_cache_are_named_and_nothing_is_connected_to(folder: Path, doctor: Doctor) -> None:
    configured = folder.joinpath("llmcost.toml")
    configured.write_text('recordings = "recorded"\ncache = [".llmcost/cache", "redis://:hidden-pw@127.0.0.1:9/0"]\n')

    doctor()
    (recorded,) = doctor.about("recordings")
    assert (recorded["level"], recorded["todo"]) == ("warn", f"llmcost cache export --to {folder / 'recorded'}")
    assert doctor.about("cache")[1]["text"] == "redis 127.0.0.1:9: `llmcost cache stats` connects to it"

    (folder / "recorded").mkdir()
    (folder / "recorded/answers.jsonl").write_text('<<<<<<< HEAD\n{"key":"%s","value":{}}\n' % ("a" * 64))
    doctor()
    assert [found["text"] for found in doctor.about("recordings")] == [
        f"{folder / 'recorded'}: 1 lines are no recorded answers",
        f"{folder / 'recorded'}: 1 answers",
    ]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_t12_a_cache_that_others_can_read_or_write_is_found(folder: Path, doctor: Doctor) -> None:
    cache = folder / ".llmcost" / "cache"
    fill(cache, 1)
    cache.chmod(0o755)
    assert doctor().about("cache")[1]["todo"] == f"chmod 700 {cache}"
    assert doctor.status == 0

    cache.chmod(0o777)
    level, text, _ = doctor().one("cache")
    assert (doctor.status, level) == (1, "bad")
    assert "can be written by anybody" in text


def test_a_cache_that_the_next_run_sets_aside_is_said(folder: Path, doctor: Doctor) -> None:
    cache = folder / ".llmcost" / "cache"
    cache.mkdir(parents=True, mode=0o700)
    with sqlite3.connect(cache / "cache.db") as planted:
        planted.execute("CREATE TABLE Cache (x)")
    planted.close()

    level, text, _ = doctor().one("cache")

    assert level == "warn"
    assert "its tables or triggers are not what this version makes" in text
    assert [path.name for path in cache.iterdir()] == ["cache.db"]


def test_f02_a_cache_path_that_is_a_file_is_said(folder: Path, doctor: Doctor) -> None:
    write(folder / ".llmcost" / "cache", "")

    assert doctor().one("cache")[0] == "bad"


# -- suites -------------------------------------------------------------------------------------------------------


def test_suites_below_the_folder_are_read_and_their_mistakes_counted(folder: Path, doctor: Doctor) -> None:
    write(folder / "a" / "bench_good.yaml", SUITE.replace("MODEL", "openai/gpt-4o-mini"))
    write(folder / "b" / "bad_bench.yml", "".join(f"key{n}: 1\n" for n in range(5)) + SUITE)
    write(folder / ".venv" / "bench_hidden.yaml", "[")
    write(folder / "node_modules" / "bench_other.yaml", "[")

    assert doctor().status == 1

    good, bad = doctor.about("suite")
    assert (good["level"], good["text"]) == ("ok", "a/bench_good.yaml: 2 cases by one")
    assert bad["level"] == "bad"
    assert bad["text"] == "b/bad_bench.yml: 6 mistakes"
    *first, rest = bad["todo"].splitlines()
    assert [line.split(": ")[0] for line in first] == [f"b/bad_bench.yml:{line}:1" for line in (1, 2, 3)]
    assert rest == "... and 3 more"


def test_suites_are_those_that_the_plugin_collects() -> None:
    assert project.SUITE_NAMES == PATTERNS


# -- within reach -------------------------------------------------------------------------------------------------


def configure(folder: Path, base: str) -> None:
    write(
        folder / "llmcost.toml",
        f'[models.ours]\nmodel = "openai/own"\napi_base = "{base}"\napi_key_env = "OUR_KEY"\n'
        "[prices.ours]\ninput = 1\noutput = 2\n",
    )


def test_without_online_nothing_is_connected_to(folder: Path, server: StubServer, doctor: Doctor) -> None:
    configure(folder, server.base)

    doctor()

    assert doctor.about("online") == []
    assert server.requests == []


@pytest.mark.parametrize(
    ("reply", "level"),
    [
        (as_json({"data": []}), "ok"),
        (error(401), "ok"),
        (error(404), "warn"),
        (error(500), "bad"),
        (redirect("http://127.0.0.1:9/elsewhere"), "warn"),
        (as_json({}).cut(0.0), "bad"),
    ],
)
def test_online_asks_each_base_once_for_its_models_and_sends_no_key(
    folder: Path, server: StubServer, doctor: Doctor, monkeypatch: pytest.MonkeyPatch, reply: Reply, level: str
) -> None:
    monkeypatch.setenv("OUR_KEY", CANARY)
    server.play(reply)
    configure(folder, server.base)

    doctor("--online")

    assert doctor.one("online")[0] == level
    assert doctor.status == (1 if level == "bad" else 0)
    assert [asked.path for asked in server.requests] == ["/v1/models"]
    assert CANARY not in str(server.requests[0].headers)


def test_a_server_that_is_silent_is_given_up(
    folder: Path, server: StubServer, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "SECONDS", 0.2)
    server.play(as_json({}).later(1.0))
    configure(folder, server.base)

    assert doctor("--online").one("online")[0] == "bad"


@pytest.mark.parametrize("base", ["file:///etc", "http://127.0.0.1:1/v1", "ftp://127.0.0.1", "nonsense"])
def test_a_base_that_cannot_be_reached_is_said(folder: Path, doctor: Doctor, base: str) -> None:
    configure(folder, base)

    assert doctor("--online").one("online")[0] == "bad"
    assert doctor.status == 1


@pytest.mark.parametrize("host", ["127.0.0.1:1", "127.0.0.1:x", "[127.0.0.1"])
def test_t16_a_key_in_an_address_is_not_shown(folder: Path, doctor: Doctor, host: str) -> None:
    configure(folder, f"http://user:{CANARY}@{host}/v1?key={CANARY}")

    doctor("--online")

    assert doctor.one("online")[0] == "bad"
    assert CANARY not in doctor.out


def test_online_without_a_configured_base_asks_nobody(doctor: Doctor) -> None:
    assert doctor("--online").one("online")[:2] == ("ok", "no api_base is configured, so that nothing was asked")


# -- extensions ----------------------------------------------------------------------------------------------------

ECHO = """
async def echo(request): ...

def llmcost_scorers():
    return {"close": lambda answer, case: True}

def llmcost_providers():
    return {"echo": echo}

def llmcost_prices():
    return {"echo/last": {"input": 1.0, "output": 2.0}}
"""


def test_what_installed_packages_add_is_said_and_used(
    folder: Path, doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(install(tmp_path / "site", "their-hooks", ECHO))
    write(folder / "bench_it.yaml", SUITE.replace("MODEL", "echo/last") + "scorer: close\n")

    assert doctor().status == 0

    said = ["scorer close, by their-hooks", "provider echo, by their-hooks", "price of echo/last, by their-hooks"]
    assert [found["text"] for found in doctor.about("extension")] == said
    assert doctor.one("price")[1] == "echo/last: input 1, output 2 USD per million tokens (their-hooks)"
    assert doctor.one("suite")[0] == "ok"
    assert [found["text"] for found in doctor.about("key")] == ["none is set"]


def test_a_package_that_cannot_be_loaded_is_broken_and_the_rest_is_looked_at(
    folder: Path, doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(install(tmp_path / "site", "broken-hooks", "import absent_module"))

    assert doctor().status == 1

    level, text, todo = doctor.one("extension")
    assert level == "bad"
    assert "broken-hooks: its entry point 'broken_hooks' cannot be loaded: ModuleNotFoundError" in f"{text}{todo}"
    assert doctor.about("suite")


def test_what_a_conftest_adds_is_said_to_be_seen_by_pytest_alone(folder: Path, doctor: Doctor) -> None:
    path = write(folder / "conftest.py", "def llmcost_scorers():\n    return {}\n")

    doctor()

    assert doctor.one("extension")[:2] == ("warn", f"llmcost_scorers of {path} are seen by pytest alone")


# -- configuration below the root ----------------------------------------------------------------------------------

NESTED = '[tiers]\nmid = "local/team"\n'


def test_a_folders_own_file_is_said_and_holds_for_its_suites(folder: Path, doctor: Doctor) -> None:
    write(folder / "pyproject.toml", '[tool.llmcost.tiers]\nmid = "local/all"\n')
    nested = write(folder / "mail" / "llmcost.toml", NESTED)
    for path in ("bench_all.yaml", "mail/bench_mail.yaml"):
        write(folder / path, SUITE.replace("MODEL", "mid"))

    assert doctor().status == 0

    assert [found["text"] for found in doctor.about("configuration")] == [
        str(folder / "pyproject.toml"),
        f"{nested} adds to it, for the suites below it",
    ]
    assert [found["text"].partition(":")[0] for found in doctor.about("price")] == [
        "mid = local/all",
        "mid = local/team",
    ]


def test_a_mistake_in_a_folders_own_file_is_told_with_its_line(folder: Path, doctor: Doctor) -> None:
    write(folder / "pyproject.toml", "[tool.llmcost]\nmax_tokens = 8\n")
    write(folder / "mail" / "llmcost.toml", "\nattempts = 2\n")
    write(folder / "mail" / "bench_mail.yaml", SUITE.replace("MODEL", "local/a"))

    assert doctor().status == 1

    assert doctor.about("configuration")[1]["text"].startswith("mail/llmcost.toml:2: attempts holds for a whole run.")
    assert doctor.one("suite")[1].endswith("bench_mail.yaml is looked at once its configuration can be read")


def test_a_pyproject_below_the_root_is_said_to_be_read_by_nobody(folder: Path, doctor: Doctor) -> None:
    write(folder / "llmcost.toml", "max_tokens = 8\n")
    path = write(folder / "mail" / "pyproject.toml", "[tool.llmcost]\nmax_tokens = 8\n")
    write(folder / "shop" / "pyproject.toml", "[tool.other]\nx = 1\n")

    doctor()

    warned = [found for found in doctor.about("configuration") if found["level"] == "warn"]
    assert [found["text"] for found in warned] == [
        f"{path}: its [tool.llmcost] is read by nobody, as it is not in the root"
    ]


@pytest.mark.parametrize("end", [".git", "pytest.ini", "pyproject.toml"])
def test_from_inside_a_folder_with_a_file_of_its_own_the_projects_root_is_found(folder: Path, end: str) -> None:
    """Only up to where the project ends: a stray file farther up is nobody's root."""
    write(folder / "llmcost.toml", "")
    top = folder / "project"
    write(top / "llmcost.toml", "")
    write(top / end, "")
    write(top / "a" / "b" / "llmcost.toml", "")

    assert project.find_root(top / "a" / "b") == top
    assert project.find_root(top / "a") == top
    assert project.find_root(folder) == folder
