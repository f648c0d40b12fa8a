"""What is added from outside, as far as it is seen without pytest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pytest_llmcost.assembly.extensions.added import Extensions
from pytest_llmcost.cli.doctor.finding import OK, WARN, Finding

_TOPIC = "extension"
_HOOK = re.compile(r"^(?:async )?def (llmcost_\w+)\(", re.MULTILINE)


def added(extensions: Extensions, root: Path) -> Iterator[Finding]:
    """Yield what installed packages add, and that the conftest.py of *root*, which is not run here, adds something."""
    yield from (Finding(OK, _TOPIC, line) for line in extensions.said)
    conftest = root / "conftest.py"
    hooks = _HOOK.findall(conftest.read_text("utf-8", errors="replace")) if conftest.is_file() else []
    if hooks:
        text = f"{', '.join(hooks)} of {conftest} are seen by pytest alone"
        yield Finding(WARN, _TOPIC, text, "What needs them is shown as broken below; a package is seen everywhere.")
