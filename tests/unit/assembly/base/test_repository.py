"""Git is asked for what was, and says in two lines why it cannot tell; the work tree stays as it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fakes.git_project import commit_all, git, start_branch

from pytest_llmcost.assembly.base.comparison import comparison_of
from pytest_llmcost.assembly.base.repository import Repository
from pytest_llmcost.domain.errors import SettingsError


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository whose branch left `origin/main` after the first of its commits."""
    folder = tmp_path / "clone"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "größe.txt").write_text("old\n")
    (folder / "two words.txt").write_text("plain")
    commit_all(folder, "One")
    start_branch(folder)
    (folder / "sub" / "größe.txt").write_text("new\n")
    commit_all(folder, "Two", GIT_COMMITTER_DATE="2026-02-03T04:05:06+02:00")
    return folder


def refused(folder: Path, ref: str) -> str:
    with pytest.raises(SettingsError) as raised:
        Repository(folder).merge_base(ref)
    assert len(str(raised.value).splitlines()) <= 2
    return str(raised.value)


def test_files_are_read_as_a_commit_has_them_whatever_lies_in_the_work_tree(clone: Path) -> None:
    (clone / "sub" / "größe.txt").write_text("edited\n")
    repository = Repository(clone)
    base = repository.merge_base("origin/main")

    files = repository.files(base)

    assert sorted(files) == [".gitignore", "sub/größe.txt", "two words.txt"]
    assert list(repository.contents([files["two words.txt"], files["sub/größe.txt"]])) == [b"plain", b"old\n"]
    assert (clone / "sub" / "größe.txt").read_text() == "edited\n"
    assert git(clone, "status", "--porcelain", "--untracked-files=no").endswith('"')


def test_paths_are_those_below_the_folder_which_need_not_be_the_repositorys_own(clone: Path) -> None:
    repository = Repository(clone / "sub")

    assert list(repository.files(repository.merge_base("origin/main"))) == ["größe.txt"]
    changes = repository.changes("größe.txt", 5)
    assert [(change.subject, change.date) for change in changes] == [
        ("Two", "2026-02-03T04:05:06+02:00"),
        ("One", "2026-01-15T12:00:00+00:00"),
    ]
    assert list(repository.versions("größe.txt", changes)) == [b"new\n", b"old\n"]


def test_the_merge_base_is_where_the_branch_left_and_not_where_the_target_went_since(clone: Path) -> None:
    git(clone, "checkout", "--quiet", "main")
    (clone / "two words.txt").write_text("moved on")
    git(clone, "update-ref", "refs/remotes/origin/main", commit_all(clone, "Later"))
    git(clone, "checkout", "--quiet", "change")

    assert Repository(clone).merge_base("origin/main") == git(clone, "rev-parse", "change~1")


def test_a_tag_of_the_same_name_does_not_stand_in_for_the_target_branch(clone: Path) -> None:
    git(clone, "tag", "origin/main", "change")

    comparison = comparison_of(None, clone, {"GITHUB_BASE_REF": "main"})

    assert comparison.state is not None
    assert comparison.state.commit == git(clone, "rev-parse", "change~1")
    assert comparison.name == f"git:origin/main ({comparison.state.commit[:10]}) and its gate settings"


def test_a_link_is_the_file_that_it_leads_to_and_none_where_that_is_elsewhere(clone: Path) -> None:
    os.symlink("../two words.txt", clone / "sub" / "link.txt")
    os.symlink("/etc/passwd", clone / "out.txt")
    repository = Repository(clone)

    files = repository.files(commit_all(clone, "Links"))

    assert files["sub/link.txt"] == files["two words.txt"]
    assert "out.txt" not in files


@pytest.mark.parametrize("ref", ["origin/nope", "nope", "-x", "--all", ""])
def test_a_ref_that_is_not_there_is_said_with_what_to_set(clone: Path, ref: str) -> None:
    said = refused(clone, ref)

    assert said.startswith(f"git:{ref}: this clone has no such branch, tag or commit.\n")
    assert "fetch-depth: 0" in said
    assert ("git fetch origin nope" in said) is (ref == "origin/nope")


def test_a_shallow_clone_is_said_with_what_to_set(clone: Path, tmp_path: Path) -> None:
    git(clone, "checkout", "--quiet", "main")
    commit_all(clone, "Later")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=change", clone.as_uri(), str(shallow))
    git(shallow, "fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main")

    said = refused(shallow, "origin/main")

    assert "this clone is shallow" in said
    assert "Set fetch-depth: 0 in actions/checkout (GIT_DEPTH: 0 in GitLab)." in said


def test_branches_without_a_common_commit_are_said(clone: Path) -> None:
    git(clone, "checkout", "--quiet", "--orphan", "alone")
    commit_all(clone, "From nothing")

    assert "it has no commit in common with HEAD" in refused(clone, "origin/main")


def test_a_folder_without_a_repository_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert f"git reads no repository at {tmp_path}" in refused(tmp_path, "main")


def test_a_content_that_a_partial_clone_lacks_is_said_and_not_fetched(clone: Path, tmp_path: Path) -> None:
    git(clone, "config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    git(tmp_path, "clone", "--quiet", "--filter=blob:none", "--branch=change", clone.as_uri(), str(partial))
    repository = Repository(partial)
    files = repository.files(repository.merge_base("origin/main"))

    with pytest.raises(SettingsError, match=r"not allowed|does not hold"):
        list(repository.contents([files["sub/größe.txt"]]))
