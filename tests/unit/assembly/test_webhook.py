"""A document on its way to a web address that is itself a secret, on a real socket."""

from __future__ import annotations

import socket
import traceback

import pytest
from fakes.webhook import WebhookServer

from pytest_llmcost.assembly.webhook import WebhookError, post
from pytest_llmcost.domain.errors import SettingsError

SECRET = "/services/T0-canary?token=canary"
DOCUMENT = {"text": "over budget", "alerts": [{"usd": 1.5}]}


def test_the_document_arrives_as_json():
    with WebhookServer(204) as server:
        post(server.url + SECRET, DOCUMENT)
    assert server.posted == [(SECRET, DOCUMENT)]


@pytest.mark.parametrize("passing", [503, 429, 0])
def test_what_may_pass_is_tried_again_after_a_while(passing):
    waits: list[float] = []
    with WebhookServer(passing, passing, 200) as server:
        post(server.url + SECRET, DOCUMENT, sleep=waits.append)
    assert (len(server.posted), waits) == (3, [1.0, 2.0])


@pytest.mark.parametrize(("status", "attempts"), [(404, 1), (302, 1), (500, 3)])
def test_what_was_not_taken_is_said_without_the_address(status, attempts):
    with WebhookServer(status) as server, pytest.raises(WebhookError, match=f"status {status}") as caught:
        post(server.url + SECRET, DOCUMENT, sleep=lambda _: None)
    assert [path for path, _ in server.posted] == [SECRET] * attempts
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_nobody_waits_for_a_server_that_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}{SECRET}"
        with pytest.raises(WebhookError, match="TimeoutError"):
            post(url, DOCUMENT, timeout_seconds=0.05, sleep=lambda _: None)


def test_a_server_that_is_not_there_is_said():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}{SECRET}"
    with pytest.raises(WebhookError, match="ConnectionRefusedError"):
        post(url, DOCUMENT, sleep=lambda _: None)


@pytest.mark.parametrize(
    "wrong", ["file:///etc/canary", "canary", "https://", "http://host:canary/", "https://h/\r\ncanary"]
)
def test_what_is_no_web_address_is_refused_and_not_shown(wrong):
    with pytest.raises(SettingsError, match="--webhook") as caught:
        post(wrong, DOCUMENT)
    assert "canary" not in str(caught.value)
