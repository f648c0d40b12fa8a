"""A GGUF file over HTTP, from a hub that redirects, breaks off and lies."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pytest_llmcost.calls.weights.folder import ModelFolder
from pytest_llmcost.calls.weights.pull import pull
from pytest_llmcost.domain.errors import WeightsError

CONTENT = b"GGUF" + bytes(range(256)) * 40
SOURCE = "hf:org/repo/tiny.gguf"


class Hub(ThreadingHTTPServer):
    """Redirects to its storage, as the real one does."""

    sha256 = hashlib.sha256(CONTENT).hexdigest()
    content = CONTENT
    breaks_after: int | None = None
    ranges: list[str | None]

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self._redirect()

    def do_GET(self) -> None:
        if self.path == "/storage":
            self._send_content()
        elif self.path == "/org/repo/resolve/main/tiny.gguf":
            self._redirect()
        else:
            self.send_error(404)

    def _redirect(self) -> None:
        if "tiny" not in self.path:
            self.send_error(404)
            return
        self.send_response(302)
        self.send_header("Location", f"{self.server.base}/storage")
        self.send_header("X-Linked-Etag", f'"{self.server.sha256}"')
        self.end_headers()

    def _send_content(self) -> None:
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        rest = self.server.content[start:]
        if not rest:
            self.send_error(416)
            return
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: self.server.breaks_after])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with Hub(("127.0.0.1", 0), _Handler) as server:
        server.ranges = []
        monkeypatch.setenv("HF_ENDPOINT", server.base)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_file_is_pulled_and_named_by_its_place_on_the_hub(hub: Hub, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    pulled = pull(SOURCE, ModelFolder(tmp_path), lambda done, total: seen.append((done, total)))

    assert pulled.name == "org/repo/tiny.gguf"
    assert (tmp_path / "org/repo/tiny.gguf").read_bytes() == CONTENT
    assert (seen[0], seen[-1]) == ((0, len(CONTENT)), (len(CONTENT), len(CONTENT)))


def test_what_was_pulled_is_not_fetched_again(hub: Hub, tmp_path: Path) -> None:
    pull(SOURCE, ModelFolder(tmp_path), _ignore)
    pulled = pull(SOURCE, ModelFolder(tmp_path), _ignore)

    assert pulled.was_there
    assert len(hub.ranges) == 1


def test_a_download_that_broke_off_goes_on_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    hub.breaks_after = 1000
    with pytest.raises(WeightsError, match="goes on where it stopped"):
        pull(SOURCE, ModelFolder(tmp_path), _ignore)
    assert ModelFolder(tmp_path).names() == ()

    hub.breaks_after = None
    pull(SOURCE, ModelFolder(tmp_path), _ignore)

    assert hub.ranges == [None, "bytes=1000-"]
    assert (tmp_path / "org/repo/tiny.gguf").read_bytes() == CONTENT


def test_a_part_that_is_whole_already_is_taken(hub: Hub, tmp_path: Path) -> None:
    part = tmp_path / "org/repo" / f".tiny.gguf.{hub.sha256[:16]}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT)

    pull(SOURCE, ModelFolder(tmp_path), _ignore)

    assert (tmp_path / "org/repo/tiny.gguf").read_bytes() == CONTENT


def test_another_file_than_the_hub_states_is_not_kept(hub: Hub, tmp_path: Path) -> None:
    hub.content = b"GGUF but not what was stated"

    with pytest.raises(WeightsError, match=f"expected SHA-256 {hub.sha256}, got "):
        pull(SOURCE, ModelFolder(tmp_path), _ignore)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_that_the_hub_does_not_have_is_said(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be downloaded: HTTP Error 404"):
        pull("hf:org/repo/nothing.gguf", ModelFolder(tmp_path), _ignore)


def test_a_hub_that_is_not_reachable_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    with pytest.raises(WeightsError, match="cannot be downloaded"):
        pull(SOURCE, ModelFolder(tmp_path), _ignore)


def _ignore(done: int, total: int) -> None:
    """Progress that nobody watches."""
