"""SIGTERM ends a run as Ctrl-C does: what is under way is cancelled, what was paid for is kept, and that is said."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import pytest

from pytest_llmcost.plugin.xdist import is_worker


def end_on_sigterm(config: pytest.Config) -> None:
    """Let SIGTERM interrupt this run; pytest by itself would die of it with nothing written.

    A second one kills. Somebody else's handler stays, and a worker of xdist ends with its
    controller.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and not is_worker(config) and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _interrupt)
        config.add_cleanup(_let_go)


def _interrupt(number: int, frame: FrameType | None) -> None:
    _let_go()
    raise KeyboardInterrupt("SIGTERM")  # no Exception, which a test might catch


def _let_go() -> None:
    if signal.getsignal(signal.SIGTERM) is _interrupt:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
