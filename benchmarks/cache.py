"""How long a cached answer takes: a folder, recordings and Redis beside each other, and the parts of a hit.

    python benchmarks/cache.py [--answers 2000] [--redis redis://127.0.0.1:6379/0]

A hit is all that stands between a question and its answer in a run: the request's key, the look-up, and the
answer read and checked. Answers are of two kinds: a label with its twenty likeliest rivals, and 200 words without.
Without --redis a server is started, if `redis-server` is installed, and ended.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pytest_llmcost.calls.cache.cached import Cached
from pytest_llmcost.calls.cache.codec import decode, encode
from pytest_llmcost.calls.cache.disk import DiskStore
from pytest_llmcost.calls.cache.layers import AtHand, Layer, Layers, Shelf
from pytest_llmcost.calls.cache.recorded import RecordedStore, write_recording
from pytest_llmcost.calls.cache.shared import SharedShelf
from pytest_llmcost.domain.completion import Completion, TokenLogprob
from pytest_llmcost.domain.request import Endpoint, Request
from pytest_llmcost.domain.usage import Usage

ENDPOINT = Endpoint("openai/gpt-4o-mini", api_key_env="OPENAI_API_KEY")
WORDS = ["the", "order", "was", "sent", "on", "monday", "and", "will", "arrive", "within", "five", "days"]


def requests(count: int) -> list[Request]:
    """Return as many requests, of about 80 tokens each; fresh ones, whose keys are not known yet."""
    system = {"role": "system", "content": "You sort the mail of a shop. Answer with one word: shop or other."}
    return [
        Request(
            ENDPOINT,
            (system, {"role": "user", "content": f"Mail {n}: " + " ".join(WORDS * 4)}),
            {"temperature": 0, "max_tokens": 8, "logprobs": True, "top_logprobs": 20},
        )
        for n in range(count)
    ]


def label() -> Completion:
    """Return one word with its rivals."""
    top = tuple((f"token{n}", -0.1 * n) for n in range(20))
    return Completion(
        "shop", Usage(80, output_tokens=1), "stop", 0.4, "gpt-4o-mini", 1.8e9, (TokenLogprob("shop", 0.0, top),)
    )


def prose() -> Completion:
    """Return 200 words."""
    rng = random.Random(7)
    text = " ".join(rng.choice(WORDS) for _ in range(200))
    return Completion(text, Usage(80, output_tokens=260), "stop", 4.0, "gpt-4o-mini", 1.8e9)


async def hit_seconds(shelf: Shelf, count: int) -> list[float]:
    """Return how long each of *count* hits took, keys not known beforehand."""

    async def nobody(request: Request) -> Completion:
        raise AssertionError(f"{request} is not in the cache")

    cached = Cached(nobody, Layers([Layer("measured", "local cache", shelf)], print), "replay")
    took = []
    for request in random.Random(1).sample(requests(count), count):
        start = time.perf_counter()
        await cached(request)
        took.append(time.perf_counter() - start)
    await shelf.close()
    return took


def told(name: str, took: list[float]) -> str:
    """Return a line with the median and the 95th percentile in microseconds."""
    ordered = sorted(took)
    return f"{name:34} {1e6 * statistics.median(took):8.0f} {1e6 * ordered[int(0.95 * len(ordered))]:8.0f}"


def parts(answer: Completion, count: int) -> Iterator[str]:
    """Yield how long the request's key and the reading of an answer take alone."""
    text = encode(answer)
    for name, part in (("  its key", lambda request: request.key()), ("  read and checked", lambda _: decode(text))):
        took = []
        for request in requests(count):
            start = time.perf_counter()
            part(request)
            took.append(time.perf_counter() - start)
        yield told(name, took)


@contextlib.contextmanager
def redis_at(url: str) -> Iterator[str]:
    """Yield the address of a Redis; one of its own where none is given, or nothing where there is none."""
    program = shutil.which("redis-server")
    if url or program is None:
        yield url
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


async def fill(shelf: Shelf, rows: list[tuple[str, str]]) -> None:
    """Store *rows*."""
    for key, text in rows:
        await shelf.set(key, text)
    await shelf.close()


def measure(name: str, answer: Completion, count: int, folder: Path, redis: str) -> Iterator[str]:
    """Yield a line for each cache."""
    rows = [(request.key(), encode(answer)) for request in requests(count)]
    yield f"{name}, {len(rows[0][1]):,} bytes"
    asyncio.run(fill(AtHand(DiskStore(folder / "cache", print)), rows))
    write_recording(folder / "recorded", rows)
    yield told("diskcache", asyncio.run(hit_seconds(AtHand(DiskStore(folder / "cache", print)), count)))
    recorded = RecordedStore(folder / "recorded", print)
    start = time.perf_counter()
    recorded.get("")
    opened = time.perf_counter() - start
    yield f"{told('recordings', asyncio.run(hit_seconds(AtHand(recorded), count)))}   (and {1e3 * opened:.0f} ms once)"
    if redis:
        asyncio.run(fill(SharedShelf(redis, print), rows))
        yield told("Redis on this machine", asyncio.run(hit_seconds(SharedShelf(redis, print), count)))
    yield from parts(answer, count)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=2000)
    parser.add_argument("--redis", default="", metavar="URL")
    arguments = parser.parse_args()
    print(f"{'microseconds a hit':34} {'median':>8} {'p95':>8}")
    with redis_at(arguments.redis) as redis:
        for name, answer in (("a label", label()), ("200 words", prose())):
            with tempfile.TemporaryDirectory() as folder:
                for line in measure(name, answer, arguments.answers, Path(folder), redis):
                    print(line, flush=True)


if __name__ == "__main__":
    main()
