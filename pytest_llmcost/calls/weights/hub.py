"""A GGUF file from the Hugging Face hub over HTTPS; a download that broke off goes on where it stopped."""

from __future__ import annotations

import http.client
import os
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pytest_llmcost.calls.weights.staging import PIECE, Progress, check_is_gguf, check_sha256, move_into_place
from pytest_llmcost.domain.errors import WeightsError

HUB = "https://huggingface.co"
HUB_VARIABLE = "HF_ENDPOINT"
"""The hub's own variable for a mirror."""

TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository on the hub; `path` is ORG/REPO/FILE.gguf."""

    path: str

    @property
    def url(self) -> str:
        """Where it is downloaded from."""
        organisation, repository, file = self.path.split("/", 2)
        base = os.environ.get(HUB_VARIABLE, HUB).rstrip("/")
        return f"{base}/{organisation}/{repository}/resolve/main/{quote(file)}"


def fetch_from_hub(file: HubFile, target: Path, progress: Progress) -> None:
    """Download the file to *target*, whole and checked by the SHA-256 that the hub states.

    Raises:
        WeightsError: If it cannot be reached, breaks off, or is another file than stated.
    """
    name = f"hf:{file.path}"
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        sha256 = _stated_sha256(file.url)
        part = target.with_name(f".{target.name}.{sha256[:16] or 'unnamed'}.part")
        if not sha256:
            part.unlink(missing_ok=True)  # what an earlier part belongs to cannot be told
        _download(file.url, part, name, progress)
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        text = f"{name}: {file.url} cannot be downloaded: {error}.\nThe same command goes on where it stopped."
        raise WeightsError(text, name=name) from error
    _check(part, sha256, name)
    move_into_place(part, target)


def _check(part: Path, sha256: str, name: str) -> None:
    try:
        check_is_gguf(part, name)
        if sha256:
            check_sha256(part, sha256, name)
    except WeightsError:
        part.unlink()
        raise


def _stated_sha256(url: str) -> str:
    # The hub answers for a large file with a redirect whose linked ETag is its SHA-256.
    opener = urllib.request.build_opener(_NoRedirect)
    request = urllib.request.Request(url, method="HEAD")
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            headers = response.headers
    except urllib.error.HTTPError as redirect:
        with redirect:
            if redirect.code >= HTTPStatus.BAD_REQUEST:
                raise
            headers = redirect.headers
    etag = headers.get("X-Linked-Etag", "").strip('"')
    return etag if re.fullmatch(r"[0-9a-f]{64}", etag) else ""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow none: the first answer is the one with the digest."""


def _download(url: str, part: Path, name: str, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            resumed = have if response.status == HTTPStatus.PARTIAL_CONTENT else 0
            total = resumed + _length(response.headers)
            _write(response, part, resumed, total, progress)
    except urllib.error.HTTPError as error:
        with error:
            if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise
        return  # all of it is there; its digest will tell
    if (got := part.stat().st_size) != total:
        text = f"{name}: the connection ended after {got} of {total} bytes.\nThe same command goes on where it stopped."
        raise WeightsError(text, name=name)


def _length(headers: Mapping[str, str]) -> int:
    length = headers.get("Content-Length", "")
    if not length.isdecimal():
        raise http.client.HTTPException("the reply does not state its length")
    return int(length)


def _write(response: http.client.HTTPResponse, part: Path, done: int, total: int, progress: Progress) -> None:
    with part.open("ab" if done else "wb") as sink:
        progress(done, total)
        while done < total and (piece := response.read(min(PIECE, total - done))):
            done += sink.write(piece)
            progress(done, total)
