"""Reading a suite, and nothing else.

python benchmarks/read_suite.py FOLDER NAME
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.settings import read_settings
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.suites.read import read_suite


def main() -> None:
    """Read it as a run does."""
    folder = Path(sys.argv[1])
    settings = read_settings(folder, os.environ)
    models = Models(settings, PriceTable(settings.prices, warn=print), os.environ)
    suite = read_suite(folder / sys.argv[2], root=folder, models=models)
    print(len(suite.cases))


if __name__ == "__main__":
    main()
