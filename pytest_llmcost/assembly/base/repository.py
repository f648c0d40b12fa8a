"""Git, asked for what was: commits and the files in them, read as objects; the work tree stays as it is."""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.domain.errors import SettingsError

OPTION = "--llm-baseline"
REMOTES = "refs/remotes/"
FETCH = "Set fetch-depth: 0 in actions/checkout (GIT_DEPTH: 0 in GitLab)"
_REGULAR, _LINK = ("100644", "100755"), "120000"
_SILENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
_GIT = ("git", "--literal-pathspecs", "-c", "protocol.allow=never")
"""Git asks nobody, writes nothing, speaks English, and opens no connection, as it would for a clone with --filter."""


@dataclass(frozen=True, slots=True)
class Change:
    """A commit that changed a file; `date` is ISO 8601 with the committer's offset."""

    commit: str
    date: str
    subject: str


class Repository:
    """The repository that a folder lies in; paths are those below the folder.

    Args:
        root: The folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def commit_of(self, ref: str) -> str:
        """Return the commit that *ref* names.

        Raises:
            SettingsError: If there is none, or no repository.
        """
        done = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        if done.returncode == 0:
            return done.stdout.decode().strip()
        inside = self._run("rev-parse", "--git-dir")
        if inside.returncode != 0:
            raise _error(ref, f"git reads no repository at {self._root}: {_said(inside)}", "Run it in a clone")
        remote, _, branch = ref.removeprefix(REMOTES).partition("/")
        fetch = f", or run: git fetch {remote} {branch}" if branch else ""
        raise _error(ref, "this clone has no such branch, tag or commit", f"{FETCH}{fetch}")

    def merge_base(self, ref: str) -> str:
        """Return the commit at which the work tree's branch left *ref*.

        Raises:
            SettingsError: If there is none, as in a shallow clone, or no repository.
        """
        tip = self.commit_of(ref)
        done = self._run("merge-base", tip, "HEAD")
        if done.returncode == 0:
            return done.stdout.decode().split()[0]
        if self._run("rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
            raise _error(ref, "this clone is shallow: the commit at which the branch left it is not here", FETCH)
        raise _error(ref, f"it has no commit in common with HEAD ({_said(done)})", "Name the branch it started from")

    def files(self, commit: str) -> Mapping[str, str]:
        """Return the names of all files' contents at *commit*, by path below the folder, with slashes.

        A link to a file that is there has that file's.

        Raises:
            SettingsError: If git cannot list them.
        """
        listed: dict[str, dict[str, str]] = defaultdict(dict)
        for entry in filter(None, self._checked("ls-tree", "-r", "-z", commit).split(b"\0")):
            about, _, path = entry.partition(b"\t")
            mode, _, name = about.decode().split(" ")
            if b".." not in path.split(b"/"):
                listed[mode][os.fsdecode(path)] = name
        found = {path: name for mode in _REGULAR for path, name in listed[mode].items()}
        targets = zip(listed[_LINK], self.contents(list(listed[_LINK].values())), strict=True)
        ends = {path: posixpath.join(posixpath.dirname(path), os.fsdecode(target)) for path, target in targets}
        return found | {path: found[at] for path, end in ends.items() if (at := posixpath.normpath(end)) in found}

    def contents(self, names: Sequence[str]) -> Iterator[bytes]:
        """Yield the contents of these names, one by one.

        Raises:
            SettingsError: If one of them is not in this clone.
        """
        for name, content in zip(names, self._objects(names), strict=True):
            if content is None:
                raise SettingsError(f"git: this clone does not hold {name}.\n{FETCH}, and no filter.", key=OPTION)
            yield content

    def versions(self, path: str, changes: Sequence[Change]) -> Iterator[bytes | None]:
        """Yield a file's content after each change; None where it was deleted, or this clone does not hold it."""
        yield from self._objects([f"{change.commit}:./{path}" for change in changes])

    def _objects(self, names: Sequence[str]) -> Iterator[bytes | None]:
        output, at = self._checked("cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode()), 0
        for _ in names:
            end = output.index(b"\n", at)
            about, at = output[at:end], end + 1
            size = about.rpartition(b" ")[2]
            if not size.isdigit():  # `NAME missing`
                yield None
                continue
            yield output[at : at + int(size)]
            at += int(size) + 1

    def changes(self, path: str, most: int) -> list[Change]:
        """Return the newest commits that changed a file, the newest first; none where it is in no commit.

        Args:
            path: Below the folder.
            most: How many.
        """
        form = "--format=%H%x00%cI%x00%s"
        done = self._run("log", f"--max-count={most}", form, "--end-of-options", "HEAD", "--", path)
        if done.returncode != 0:
            return []
        rows = (line.split("\0") for line in done.stdout.decode("utf-8", "replace").split("\n") if line)
        return [Change(commit, date, subject) for commit, date, subject in rows]

    def is_committed(self, path: str) -> bool:
        """Whether a file is as HEAD has it."""
        return self._run("diff", "--quiet", "HEAD", "--", path).returncode == 0

    def _checked(self, *arguments: str, given: bytes = b"") -> bytes:
        done = self._run(*arguments, given=given)
        if done.returncode != 0:
            raise SettingsError(f"git {arguments[0]}: {_said(done)}.\n{FETCH}, and no filter.", key=OPTION)
        return done.stdout

    def _run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [*_GIT, "-C", str(self._root), *arguments]
        try:
            return subprocess.run(command, input=given, capture_output=True, check=False, env=os.environ | _SILENT)
        except OSError as error:
            raise SettingsError(f"git cannot be run: {error}.\nInstall it.", key=OPTION) from error


def _error(ref: str, what: str, todo: str) -> SettingsError:
    return SettingsError(f"git:{ref.removeprefix(REMOTES)}: {what}.\n{todo}.", key=OPTION)


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    return (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it says nothing"])[0]
