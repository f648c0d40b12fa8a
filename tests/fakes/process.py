"""Python in a process of its own, with the same import path."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any


def start_python(code: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Start *code*; warnings are errors in it; `sys.argv[1:]` are the arguments."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [os.getcwd(), *sys.path]))}
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def run_python(code: str, *arguments: object, **options: Any) -> str:
    """Run *code* to its end and return what it printed; it must succeed in silence."""
    process = start_python(code, *arguments, **options)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert err == "", err
    return out
