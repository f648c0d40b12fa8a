"""What the first live call brings into a process: its client, and nothing that anybody would notice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fakes.stub_server import StubServer

from pytest_llmcost.calls.providers.direct.provider import DirectProvider
from pytest_llmcost.calls.providers.remote.provider import LiteLLMProvider

FIRST_CALL = """
import asyncio, importlib, os, sys

base, module, name = sys.argv[1:]
contacted = set()
sys.addaudithook(lambda event, args: contacted.add(args[1]) if event == "socket.connect" else None)
sys.addaudithook(lambda event, args: contacted.add(args[:2]) if event == "socket.getaddrinfo" else None)

from pytest_llmcost.domain.request import Endpoint, Request

request = Request(
    Endpoint("openai/gpt-4o-mini", api_base=base), ({"role": "user", "content": "hello"},), {"max_tokens": 8}
)

async def main():
    provider = getattr(importlib.import_module(module), name)()
    call = asyncio.create_task(provider(request))
    ticks = 0
    while not call.done():
        await asyncio.sleep(0.02)
        ticks += 1
    await provider.aclose()
    return (await call).text, ticks

assert not {"litellm", "aiohttp"} & set(sys.modules)
text, ticks = asyncio.run(main())
assert text == "in-scope", text
assert ("litellm" in sys.modules) == (name == "LiteLLMProvider")
assert ticks > 5 or "litellm" not in sys.modules, ticks
assert "FROM_DOTENV" not in os.environ
assert contacted
others = {address for address in contacted if str(address[1]) not in base}
assert not others, others
"""


@pytest.mark.parametrize("client", [LiteLLMProvider, DirectProvider])
@pytest.mark.parametrize("warnings", [["-W", "error"], []], ids=["warnings are errors", "plain"])
def test_e19_the_first_call_is_silent_speaks_to_its_server_alone_and_leaves_the_loop_running(
    tmp_path: Path, warnings: list[str], client: type
) -> None:
    """Nothing is printed, no `.env` is read, and no warning is left behind when the provider is closed."""
    (tmp_path / ".env").write_text("FROM_DOTENV=1\n")
    environment = {"OPENAI_API_KEY": "sk-canary", "PYTHONPATH": str(Path(__file__).parents[2])}
    with StubServer() as server:
        done = subprocess.run(
            [sys.executable, *warnings, "-c", FIRST_CALL, server.base, client.__module__, client.__name__],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert len(server.requests) == 1
