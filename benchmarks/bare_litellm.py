"""What the engine is measured against: litellm's own `acompletion` in a bare loop, 64 in flight.

python benchmarks/bare_litellm.py BASE N
"""

from __future__ import annotations

import asyncio
import os
import sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # noqa: TID253 (it is what is measured)

litellm.suppress_debug_info = True


async def ask_all(base: str, n: int) -> None:
    """Ask *n* questions, at most 64 at once."""
    places = asyncio.Semaphore(64)

    async def ask(number: int) -> None:
        async with places:
            message = {"role": "user", "content": f"Is this mail for the shop, or other?\nMy order number {number}"}
            await litellm.acompletion(
                model="openai/gpt-4o-mini",
                messages=[message],
                api_base=base,
                api_key="none",
                max_tokens=8,
                max_retries=0,
            )

    await asyncio.gather(*(ask(number) for number in range(n)))


if __name__ == "__main__":
    asyncio.run(ask_all(sys.argv[1], int(sys.argv[2])))
