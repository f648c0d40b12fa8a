"""`python -m pytest_llmcost.cli`, where the console script is not on the path."""

import sys

from pytest_llmcost.cli import main

if __name__ == "__main__":
    sys.exit(main())
