"""`llmcost schema` prints what editors complete suites by."""

import json

import pytest

from pytest_llmcost.cli import main
from pytest_llmcost.suites.schema.describe import suite_schema


@pytest.mark.parametrize("arguments", [["schema"], ["schema", "--json"]])
def test_it_prints_the_schema(capsys, arguments):
    """The output is the schema, ready to be kept in a file."""
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == suite_schema()
