"""Other people's packages, installed as pip leaves them: a module, and metadata that names it."""

from __future__ import annotations

from pathlib import Path


def install(folder: Path, name: str, code: str, *, entry: str = "") -> Path:
    """Put the package *name* into *folder*, which is to be on `sys.path`, and return the folder.

    Args:
        folder: Stands for `site-packages`.
        name: Of the package and of its entry point; its module has underscores.
        code: Of the module.
        entry: What the entry point names in place of the module.
    """
    module = name.replace("-", "_")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{module}.py").write_text(code, "utf-8")
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[pytest_llmcost]\n{name} = {entry or module}\n", "utf-8")
    return folder
