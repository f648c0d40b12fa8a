"""Tells a pull request what came of a run: one comment, kept up to date, and a check on its commit.

A step of the action runs this file alone, with the standard library and outside of the
run's environment (`python3 -I publish.py FOLDER`). FOLDER holds `report.md` and
`report.json`; where they are missing, the run never came to them, which is a failure.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

CONCLUSIONS = {"pass": "success", "fail": "failure", "inconclusive": "neutral"}
MISSING = "Failed: the run ended before it could report"
PAGE, MOST_PAGES = 100, 50
TRIES, WAIT_SECONDS, TIMEOUT_SECONDS = 3, 2.0, 30.0

Json = Any
Report = tuple[str, str, str]


class Refused(Exception):
    """GitHub does not do what it is asked; the text says what, why, and what to do."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow none: the token goes to GitHub's API, and to nobody else."""


class GitHub:
    """The API of one repository."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._base = f"{environment['GITHUB_API_URL']}/repos/{environment['GITHUB_REPOSITORY']}"
        self._headers = {
            "Authorization": f"Bearer {environment['LLMCOST_TOKEN']}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "Content-Type": "application/json",
            "User-Agent": "pytest-llmcost",
        }
        self._open = urllib.request.build_opener(_NoRedirects).open

    def ask(self, method: str, path: str, body: Json = None) -> Json:
        """Return the answer to one request.

        Raises:
            OSError, ValueError: If there is none, or it is an error.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, data, self._headers, method=method)
        with self._open(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)


def read_report(folder: Path) -> Report:
    """Return the check's conclusion, its title, and the Markdown."""
    try:
        document = json.loads((folder / "report.json").read_text("utf-8"))
        body = (folder / "report.md").read_text("utf-8")
        return CONCLUSIONS[document["outcome"]], str(document["title"]), body
    except (OSError, ValueError, KeyError, TypeError) as error:
        return "failure", MISSING, f"{MISSING}: the log of the job says why ({type(error).__name__}).\n"


def comment(github: GitHub, number: str, mark: str, body: str) -> None:
    """Write the pull request's one comment of that mark, or write it anew."""
    text = {"body": f"{mark}\n{body}"}
    # Somebody else's comment with our mark is left alone: its author could change what it says later.
    own = (found for found in _comments(github, number) if found["body"].startswith(mark))
    known = next((found for found in own if found["user"]["type"] == "Bot"), None)
    if known is None:
        github.ask("POST", f"/issues/{number}/comments", text)
    else:
        github.ask("PATCH", f"/issues/comments/{known['id']}", text)


def _comments(github: GitHub, number: str) -> Iterator[Json]:
    for page in range(1, MOST_PAGES + 1):
        found = github.ask("GET", f"/issues/{number}/comments?per_page={PAGE}&page={page}")
        yield from found
        if len(found) < PAGE:
            return


def check(github: GitHub, name: str, commit: str, report: Report) -> None:
    """Set the check of that name on a commit; one that cannot tell is neutral, as no job can be."""
    conclusion, title, body = report
    output = {"title": title[:250], "summary": body}
    about = {"name": name, "head_sha": commit, "status": "completed", "conclusion": conclusion, "output": output}
    github.ask("POST", "/check-runs", about)


def done(what: str, permission: str, act: Callable[[], None]) -> bool:
    """Do *act*, again where GitHub itself failed; return whether it was done, and say why not."""
    for left in reversed(range(TRIES)):
        try:
            act()
            return True
        except urllib.error.HTTPError as error:
            why = f"{error.code} {error.reason}"
            if error.code < 500:
                if error.code in (403, 404):
                    why += f". Give the job the permission `{permission}: write`"
                break
        except (OSError, ValueError, KeyError, TypeError) as error:
            why = f"{type(error).__name__}: {error}"
        time.sleep(WAIT_SECONDS if left else 0)
    said = f"{what} cannot be written: {why}".replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    print(f"::error title=llmcost::{said}")
    return False


def main(folder: Path, environment: Mapping[str, str]) -> int:
    """Publish the report in *folder*; return 1 if something could not be written."""
    github, report, name = GitHub(environment), read_report(folder), environment["LLMCOST_NAME"]
    number = environment["LLMCOST_PULL_REQUEST"] if environment["LLMCOST_COMMENT"] == "true" else ""
    mark = f"<!-- pytest-llmcost: {name} -->"
    told = not number or done("the comment", "pull-requests", lambda: comment(github, number, mark, report[2]))
    set_ = done("the check", "checks", lambda: check(github, name, environment["LLMCOST_COMMIT"], report))
    return 0 if told and set_ else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), os.environ))
