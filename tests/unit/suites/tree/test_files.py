"""Only regular files below the root, of bounded size, in UTF-8."""

import os
import socket
from pathlib import Path

import pytest

from pytest_llmcost.suites.tree.files import MOST_BYTES, Unreadable, identity_of, read_text


def said(path, root):
    """Return what is wrong with reading *path*; 0:0 is the file itself."""
    with pytest.raises(Unreadable) as caught:
        read_text(path, root)
    return f"{caught.value.line}:{caught.value.column}: {caught.value}"


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"a: \xc3\xbc\n", "a: ü\n"), (b"\xef\xbb\xbfa: b", "a: b"), (b"a: b\r\nc: d\r\n", "a: b\r\nc: d\r\n"), (b"", "")],
)
def test_s07_utf8(tmp_path, content, text):
    """UTF-8 is read, with and without a byte order mark."""
    (tmp_path / "x").write_bytes(content)
    assert read_text(tmp_path / "x", tmp_path) == text


@pytest.mark.parametrize(("encoding", "name"), [("utf-16", "UTF-16"), ("utf-32", "UTF-32")])
def test_s07_other_unicode(tmp_path, encoding, name):
    """UTF-16 and UTF-32 are named."""
    (tmp_path / "x").write_bytes("a: ü".encode(encoding))
    assert said(tmp_path / "x", tmp_path) == f"1:1: the file is {name}. Save it as UTF-8"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_s07_latin1(tmp_path, mark):
    """A byte that is not UTF-8 is named with its place, counted in characters."""
    (tmp_path / "x").write_bytes(mark + "a: ü\nb: ü".encode() + b"\xe9\n")
    assert said(tmp_path / "x", tmp_path) == "2:5: byte 0xE9 is not UTF-8. Save the file as UTF-8"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in files here")
def test_f15_pipe(tmp_path):
    """A pipe is refused at once, without waiting for a writer."""
    os.mkfifo(tmp_path / "x")
    assert said(tmp_path / "x", tmp_path) == "0:0: this is a pipe: a regular file is needed"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices in files here")
def test_f15_device():
    """A device that never ends is refused."""
    assert said(Path("/dev/zero"), Path("/dev")) == "0:0: this is a device: a regular file is needed"


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no sockets in files here")
def test_f15_socket(tmp_path, monkeypatch):
    """A socket is refused."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("x")
        assert said(tmp_path / "x", tmp_path).startswith("0:0: the file cannot be read: ")


def test_f15_sparse_file(tmp_path):
    """A file of 10 GB is refused by its size, unread."""
    with open(tmp_path / "x", "wb") as file:
        file.truncate(10 * 2**30)
    assert said(tmp_path / "x", tmp_path) == "0:0: the file is larger than 64 MB. Split it"
    assert MOST_BYTES == 64 * 2**20


def test_f02_folder_missing_unreadable(tmp_path):
    """A folder, and no file at all, are said."""
    (tmp_path / "x").mkdir()
    assert said(tmp_path / "x", tmp_path) in (
        "0:0: this is a folder: a regular file is needed",
        "0:0: the file cannot be read: Permission denied",
    )
    assert said(tmp_path / "y", tmp_path) == "0:0: the file cannot be read: No such file or directory"


def test_t03_outside_the_root(tmp_path):
    """A symbolic link out of the root, and a path beside it, are refused; a link inside is followed."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("a: b")
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "real").write_text("a: b")
    (root / "in").symlink_to("real")
    for path in (root / "out", root / ".." / "secret", tmp_path / "secret"):
        assert said(path, root) == f"0:0: the file is not below {root}. Move it there"
    assert read_text(root / "in", root) == "a: b"


def test_root_behind_a_link(tmp_path):
    """A root that is itself reached by a link holds its files."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").write_text("a")
    (tmp_path / "link").symlink_to("real")
    assert read_text(tmp_path / "link" / "x", tmp_path / "real") == "a"


def test_identity(tmp_path):
    """The identity is the path below the root; outside it the path stays as it is."""
    assert identity_of(tmp_path / "a" / "b.yaml", tmp_path) == "a/b.yaml"
    assert identity_of(Path("/elsewhere/b.yaml"), tmp_path) == "/elsewhere/b.yaml"
