"""Who is spoken to in a run: the model's host and nobody else, whatever the packages that take part would like."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from fakes.project import CASES, Project
from fakes.weights import NAME, needs_weights

from pytest_llmcost.calls.weights.folder import models_folder

MODELS = models_folder()
"""Found here, before a test has a home of its own."""

LISTENING = """
import os, sys
def note(event, args):
    if event == "socket.__new__" and args[1] in (2, 10):
        told = ["socket", args[1]]
    elif event in ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"):
        told = [event, args[1]]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        told = [event, args[0]]
    elif event in ("os.system", "os.posix_spawn", "subprocess.Popen") and args[0] not in (sys.executable, "python"):
        told = [event, str(args[0])]
    else:
        return
    line = (repr(told) + "\\n").encode()
    os.write(log, line)
log = os.open(os.environ["HEARD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
sys.addaudithook(note)
"""
"""Before anything else in every process of a run: notes each socket, each name that is looked up, each program."""


class Heard:
    """A project whose runs are listened to."""

    def __init__(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        self.project = project
        self._log = project.path / "heard.txt"
        hook = project.write("hook/sitecustomize.py", LISTENING)
        monkeypatch.setenv("HEARD", str(self._log))
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(hook.parent), *sys.path])))
        for name in ("LITELLM_LOCAL_MODEL_COST_MAP", "LITELLM_MODE"):
            monkeypatch.delenv(name, raising=False)

    def run(self, *args: str) -> list[str]:
        """Run pytest in a process of its own, which must end well, and return what was heard."""
        self._log.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-p", "no:randomly", *args]
        done = subprocess.run(command, cwd=self.project.path, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == pytest.ExitCode.OK, done.stdout + done.stderr
        return self._log.read_text().splitlines()


@pytest.fixture
def heard(project: Project, monkeypatch: pytest.MonkeyPatch) -> Heard:
    project.suite(CASES[:3])
    return Heard(project, monkeypatch)


def strangers(heard: list[str], port: int) -> list[str]:
    """Return what went to anybody but the model's server, and which programs ran that do not stay on this machine."""
    allowed = {
        f"['socket.connect', ('127.0.0.1', {port})]",
        "['socket', 2]",
        "['socket', 10]",
        "['socket.bind', ('::1', 0)]",  # urllib3 sees whether there is IPv6
        "['subprocess.Popen', 'git']",  # the commit, for the run's header
        "['subprocess.Popen', 'uname']",  # `platform`, for a client's user agent
    }
    return [line for line in heard if line not in allowed]


@pytest.mark.parametrize(("transport", "arguments"), [("auto", ("-n2",)), ("litellm", ())], ids=["auto", "litellm"])
def test_e19_a_run_speaks_to_the_models_server_alone_and_a_replay_opens_no_socket(
    heard: Heard, transport: str, arguments: tuple[str, ...]
) -> None:
    """So does every package that takes part: t14."""
    server = heard.project.server
    port = int(server.base.rpartition(":")[2].partition("/")[0])
    heard.project.configure(transport=transport)

    live = heard.run("--llm-budget", *arguments)
    assert len(server.requests) == 3
    assert f"['socket.connect', ('127.0.0.1', {port})]" in live
    assert strangers(live, port) == []

    heard.project.configure(transport=transport, shared_budget="redis://127.0.0.1:9/0")
    replayed = heard.run("--llm-budget", "--llm-mode=replay", *arguments)
    assert [line for line in replayed if "socket" in line] == []
    assert strangers(replayed, port) == []


@pytest.mark.live
@needs_weights
def test_e19_a_local_model_opens_no_socket_at_all(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMCOST_MODELS", str(MODELS))
    heard.project.suite(CASES[:2], strategies={"one": {"model": f"local/{NAME}"}})
    assert [line for line in heard.run("--llm-budget", "--llm-mode=live") if "socket" in line] == []


@pytest.mark.parametrize("option", [(), ("--llm-budget", "--llm-estimate"), ("--llm-budget", "--collect-only")])
def test_t14_where_nothing_is_asked_no_socket_is_opened(heard: Heard, option: tuple[str, ...]) -> None:
    heard.project.write("test_other.py", "def test_something():\n    assert True\n")
    assert [line for line in heard.run(*option) if "socket" in line] == []


def test_e19_the_listening_hears(heard: Heard) -> None:
    heard.project.write("test_phones.py", PHONES)
    said = heard.run("test_phones.py")
    assert strangers(said, 1) == ["['socket.getaddrinfo', 'localhost']", "['socket.connect', ('127.0.0.1', 9)]"]


PHONES = """
import contextlib, socket
def test_phones():
    socket.getaddrinfo("localhost", 80)
    with contextlib.suppress(OSError), socket.socket() as link:
        link.connect(("127.0.0.1", 9))
"""
