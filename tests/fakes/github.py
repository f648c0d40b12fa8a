"""GitHub, as far as an action meets it: the API of one repository, and a runner of a composite action's steps.

The API listens on 127.0.0.1 only, in a thread of the test's own process, and ends with its `with`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import yaml

REPOSITORY = "ada/shop"
TOKEN = "ghs-canary-0815"
NOT_ALLOWED = {"message": "Resource not accessible by integration"}


class GitHubApi:
    """Comments and checks of one repository.

    Attributes:
        comments: By pull request; each as the API gives it.
        checks: As they were set.
        failures: Status codes of the next answers, before it works again.
        is_read_only: Whether the token may write nothing, as in a job of a fork.
    """

    def __init__(self) -> None:
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.checks: list[dict[str, Any]] = []
        self.failures: list[int] = []
        self.is_read_only = False
        self.asked: list[str] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def do_PATCH(self) -> None:
                self._answer()

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                is_known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
                status, told = api.answer(self.command, self.path, json.loads(body or "null"), is_known=is_known)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()
                self.wfile.write(json.dumps(told).encode())

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's own word)
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.base = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method: str, path: str, body: Any, *, is_known: bool) -> tuple[int, Any]:
        self.asked.append(f"{method} {path}")
        if self.failures:
            return self.failures.pop(0), {"message": "scripted fault"}
        if not is_known:
            return 401, {"message": "Bad credentials"}
        if self.is_read_only and method != "GET":
            return 403, NOT_ALLOWED
        path = path.removeprefix(f"/repos/{REPOSITORY}")
        if found := re.fullmatch(r"/issues/(\d+)/comments(?:\?per_page=(\d+)&page=(\d+))?", path):
            own = self.comments.setdefault(int(found[1]), [])
            if method == "POST":
                return 201, self.say(int(found[1]), body["body"])
            size, page = int(found[2]), int(found[3])
            return 200, own[(page - 1) * size : page * size]
        if method == "PATCH" and (found := re.fullmatch(r"/issues/comments/(\d+)", path)):
            (comment,) = (c for own in self.comments.values() for c in own if c["id"] == int(found[1]))
            comment["body"] = body["body"]
            return 200, comment
        if method == "POST" and path == "/check-runs":
            self.checks.append(body)
            return 201, body
        return 404, {"message": "Not Found"}

    def say(self, number: int, body: str, *, kind: str = "Bot") -> dict[str, Any]:
        """Add a comment to a pull request; a person's is of the kind `User`."""
        identity = sum(map(len, self.comments.values())) + 1
        comment = {"id": identity, "body": body, "user": {"login": "someone", "type": kind}}
        self.comments.setdefault(number, []).append(comment)
        return comment


@dataclass
class Done:
    """What came of a job: outcomes and outputs by step (its id, else its place from 0), and all that was printed."""

    outcomes: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    log: str = ""
    artifact: Path | None = None

    @property
    def is_green(self) -> bool:
        return "failure" not in self.outcomes.values()


class Runner:
    """Runs a composite action's `run:` steps with bash, and stands in for the actions that it uses.

    Caches are kept in *caches*, by key; artifacts in *folder*.
    """

    def __init__(self, folder: Path, caches: Path, api: str) -> None:
        self.folder = folder
        self.caches = caches
        self._api = api

    def run(
        self,
        action: Path,
        workspace: Path,
        *,
        event: str = "pull_request",
        payload: Mapping[str, Any] | None = None,
        sha: str = "",
        number: int = 1,
        until: str = "",
        env: Mapping[str, str] | None = None,
        **inputs: str,
    ) -> Done:
        """Run the action's steps in *workspace*; *payload* is the event's, *until* the last step."""
        document = yaml.safe_load(action.read_text("utf-8"))
        temporary = self.folder / f"run-{number}"
        temporary.mkdir(parents=True)
        given = {name: stated.get("default", "") for name, stated in document["inputs"].items()} | inputs
        github = {
            "event_name": event, "event": payload or {}, "run_id": str(number), "run_attempt": "1", "sha": sha,
            "token": TOKEN, "ref": "refs/heads/change",
        }  # fmt: skip
        steps: dict[str, Any] = {}
        known = {"inputs": given, "github": github, "runner": {"os": "Linux", "temp": str(temporary)}, "steps": steps}
        process = os.environ | {
            "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event, "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_API_URL": self._api, "GITHUB_WORKSPACE": str(workspace), "GITHUB_ACTION_PATH": str(action.parent),
            "GITHUB_STEP_SUMMARY": str(temporary / "summary.md"), "RUNNER_TEMP": str(temporary), **(env or {}),
        }  # fmt: skip
        done = Done()
        for place, step in enumerate(document["runs"]["steps"]):
            name = step.get("id", str(place))
            has_failed = not done.is_green
            condition = str(step.get("if", "${{ success() }}"))
            if not _value(condition, known, has_failed=has_failed, is_guarded="if" not in step):
                steps[name] = {"outcome": "skipped", "outputs": {}}
                done.outcomes[name] = "skipped"
                continue
            texts = {key: _text(value, known, has_failed) for key, value in step.get("env", {}).items()}
            outputs: dict[str, str] = {}
            if "run" in step:
                where = workspace / _text(step.get("working-directory", "."), known, has_failed)
                code, said, outputs = _bash(step["run"], where, process | texts, temporary / f"output-{place}")
            else:
                arguments = {key: _text(value, known, has_failed) for key, value in step["with"].items()}
                code, said, outputs = self._use(step["uses"], arguments, workspace, done)
            done.log += said
            done.outcomes[name] = "failure" if code else "success"
            steps[name] = {"outcome": done.outcomes[name], "outputs": outputs}
            done.outputs[name] = outputs
            if name == until and done.is_green:
                break
        return done

    def _use(self, uses: str, arguments: Mapping[str, str], workspace: Path, done: Done) -> tuple[int, str, Any]:
        name = uses.partition("@")[0]
        if name == "actions/cache/restore":
            keys = (
                sorted(self.caches.iterdir(), key=lambda path: path.stat().st_mtime_ns) if self.caches.is_dir() else []
            )
            found = [path for path in keys if path.name.startswith(arguments["restore-keys"])]
            if found:
                shutil.copytree(found[-1], workspace / arguments["path"], dirs_exist_ok=True)
            matched = found[-1].name if found else ""
            return 0, "", {"cache-primary-key": arguments["key"], "cache-matched-key": matched}
        if name == "actions/cache/save":
            if (workspace / arguments["path"]).is_dir():
                shutil.copytree(workspace / arguments["path"], self.caches / arguments["key"])
            return 0, "", {}
        if name == "actions/upload-artifact":
            done.artifact = Path(arguments["path"])
            return 0, "", {}
        raise AssertionError(f"nothing stands in for {uses}")


def _bash(script: str, folder: Path, environment: Mapping[str, str], output: Path) -> tuple[int, str, dict[str, str]]:
    """Run a script as GitHub's runner does, and return its status, what it printed, and its outputs."""
    output.touch()
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    env = {**environment, "GITHUB_OUTPUT": str(output)}
    done = subprocess.run(command, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    pairs = (line.partition("=") for line in output.read_text("utf-8").splitlines())
    return done.returncode, done.stdout, {name: value for name, _, value in pairs}


_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
_WORD = re.compile(r"'(?:[^']|'')*'|[A-Za-z_][\w.-]*(?:\(\))?|&&|\|\||!=|==|!|\(|\)|\s+")


def _text(value: Any, known: Mapping[str, Any], has_failed: bool) -> str:
    def shown(found: re.Match[str]) -> str:
        result = _evaluated(found[1], known, has_failed)
        return str(result).lower() if isinstance(result, bool) else str(result if result is not None else "")

    return _EXPRESSION.sub(shown, str(value))


def _value(condition: str, known: Mapping[str, Any], *, has_failed: bool, is_guarded: bool) -> bool:
    inner = condition.strip().removeprefix("${{").removesuffix("}}")
    says_when = re.search(r"\b(always|cancelled|failure|success)\(\)", inner)
    result = bool(_evaluated(inner, known, has_failed))
    return result and (bool(says_when) or is_guarded or not has_failed)


def _evaluated(expression: str, known: Mapping[str, Any], has_failed: bool) -> Any:
    """Return the value of one of GitHub's expressions, of those that the action uses."""
    words = _WORD.findall(expression)
    assert "".join(words) == expression, f"not understood: {expression}"
    operators = {"&&": " and ", "||": " or ", "!": " not ", "!=": "!=", "==": "==", "(": "(", ")": ")"}
    functions = {"always()": True, "cancelled()": False, "success()": not has_failed, "failure()": has_failed}
    python = ""
    for word in words:
        if word in operators:
            python += operators[word]
        elif word in functions:
            python += repr(functions[word])
        elif word.startswith("'"):
            python += repr(word[1:-1].replace("''", "'"))
        elif word.strip():
            python += repr(_found(word, known))
    return eval(python.strip(), {"__builtins__": {}})


def _found(path: str, known: Any) -> Any:
    for name in path.split("."):
        known = known.get(name, "") if isinstance(known, Mapping) else ""
    return known
