"""What cold runs are measured against: aiohttp alone, asking the same questions, 64 in flight.

python benchmarks/bare_aiohttp.py BASE N
"""

from __future__ import annotations

import asyncio
import sys

import aiohttp  # noqa: TID253 (it is what is measured)


async def ask_all(base: str, n: int) -> None:
    """Ask *n* questions, at most 64 at once."""
    places = asyncio.Semaphore(64)

    async def ask(session: aiohttp.ClientSession, number: int) -> None:
        content = f"Is this mail for the shop, or other?\nMy order number {number}"
        body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": content}], "max_tokens": 8}
        async with places, session.post(f"{base}/chat/completions", json=body) as reply:
            assert (await reply.json())["choices"][0]["message"]["content"] == "shop"

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as session:
        await asyncio.gather(*(ask(session, number) for number in range(n)))


if __name__ == "__main__":
    asyncio.run(ask_all(sys.argv[1], int(sys.argv[2])))
