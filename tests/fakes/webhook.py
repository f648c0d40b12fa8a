"""A server that takes what is posted to it, and answers with the statuses of a script."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class WebhookServer:
    """Listens on 127.0.0.1 within its `with`.

    Args:
        statuses: Of its answers in turn; the last one goes on. 0 hangs up without an answer, 302 leads to `/other`.
    """

    def __init__(self, *statuses: int) -> None:
        self.posted: list[tuple[str, Any]] = []
        self._statuses = [*statuses]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def next_status(self) -> int:
        return self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: Sequence[object]) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(server: WebhookServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.posted.append((self.path, json.loads(body)))
            if status := server.next_status():
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.send_header("Location", f"{server.url}/other")
                self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    return Handler
