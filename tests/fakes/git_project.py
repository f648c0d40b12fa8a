"""A project in a git repository of its own: branches and commits, made by git itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_WHO = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", "2026-01-15T12:00:00+00:00"))
}
_ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def git(folder: Path, *arguments: str, **environment: str) -> str:
    """Run git in *folder*, whatever its user has configured, and return what it printed."""
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | _WHO | _ALONE | environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit_all(folder: Path, message: str, **environment: str) -> str:
    """Commit everything there is and return the commit's name; the first time make the repository, on `main`."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
        (folder / ".gitignore").write_text(".llmcost/\n__pycache__/\n")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", f"--message={message}", **environment)
    return git(folder, "rev-parse", "HEAD")


def start_branch(folder: Path, name: str = "change") -> None:
    """Start a branch here, and let `origin/main` be where `main` is now, as in a clone."""
    git(folder, "update-ref", "refs/remotes/origin/main", "main")
    git(folder, "checkout", "--quiet", "-b", name)
