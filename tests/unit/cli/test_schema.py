"""`llmcost schema` prints what editors complete suites by."""

import json

import pytest
from fakes.packages import install

from pytest_llmcost.cli import main
from pytest_llmcost.suites.schema.describe import suite_schema

SCORER = "def llmcost_scorers():\n    return {'close': lambda answer, case, to=1: True}\n"


@pytest.mark.parametrize("arguments", [["schema"], ["schema", "--json"]])
def test_it_prints_the_schema(capsys, arguments):
    """The output is the schema, ready to be kept in a file."""
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == suite_schema()


def test_scorers_of_installed_packages_are_completed_too(capsys, tmp_path, monkeypatch):
    """By name alone, and with whatever options."""
    import jsonschema

    monkeypatch.syspath_prepend(install(tmp_path, "their-scorers", SCORER))
    main(["schema"])
    schema = json.loads(capsys.readouterr().out)
    for scorer, is_good in (("close", True), ({"close": {"to": 1}}, True), ({"not": "close"}, True), ("clos", False)):
        suite = {"strategies": ["cheap"], "prompt": "?", "cases": [{"expected": "a"}], "scorer": scorer}
        assert jsonschema.Draft202012Validator(schema).is_valid(suite) is is_good
