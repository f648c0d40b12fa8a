"""What we know of pytest-xdist: which side this process is, and a worker's queue of tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


def is_worker(config: pytest.Config) -> bool:
    """Whether this process runs tests for a controller elsewhere."""
    return hasattr(config, "workerinput")


def has_workers(config: pytest.Config) -> bool:
    """Whether this process is a controller that hands its tests to workers."""
    return config.pluginmanager.has_plugin("dsession")


def processes(config: pytest.Config) -> int:
    """Return how many processes ask at the same time, this one among them."""
    return int(getattr(config, "workerinput", {}).get("workercount", 1))


def queued_indices(config: pytest.Config, most: int) -> Iterator[int]:
    """Yield the indices of the tests that this worker will run next, nearest first, at most *most*.

    The queue is private to xdist (`WorkerInteractor.torun`, seen in 3.8): where it is
    not found nothing is yielded, and the worker asks one case at a time.
    """
    queue = next((q for plugin in config.pluginmanager.get_plugins() if (q := _queue_of(plugin)) is not None), None)
    following = getattr(queue, "following", None)
    if following is not None:
        yield following
    if queue is not None:
        with queue.items.lock() as waiting:
            indices = [index for index in list(waiting)[:most] if isinstance(index, int)]
        yield from indices


class _Queue:
    """A worker's next test and those behind it."""

    def __init__(self, interactor: Any) -> None:
        following = interactor.nextitem_index
        self.following = following if isinstance(following, int) else None
        self.items = interactor.torun


def _queue_of(plugin: object) -> _Queue | None:
    has_queue = hasattr(plugin, "torun") and hasattr(plugin, "nextitem_index") and hasattr(plugin.torun, "lock")
    return _Queue(plugin) if has_queue else None
