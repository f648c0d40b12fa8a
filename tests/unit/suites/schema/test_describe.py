"""The JSON Schema is the tables that suites are read by, in another form."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from pytest_llmcost.suites.schema.describe import suite_schema
from pytest_llmcost.suites.schema.scoring import FORMS, NOT
from pytest_llmcost.suites.schema.suite import STRATEGY, SUITE

ROOT = Path(__file__).parents[4]
VALIDATOR = jsonschema.Draft202012Validator(suite_schema())
SMALL = {"prompt": "{{ text }}", "strategies": ["cheap"], "cases": [{"text": "a", "expected": "b"}]}


def test_it_is_a_schema():
    """The schema itself is valid, and plain JSON."""
    jsonschema.Draft202012Validator.check_schema(suite_schema())
    assert json.loads(json.dumps(suite_schema())) == suite_schema()


def test_kept_in_the_repository():
    """The file for editors is this schema. Write it anew with: llmcost schema > docs/suite.schema.json"""
    assert json.loads((ROOT / "docs" / "suite.schema.json").read_text()) == suite_schema()


@pytest.mark.parametrize("path", sorted(ROOT.glob("example_suites/**/*bench*.y*ml")), ids=lambda path: path.name)
def test_example_suites_are_accepted(path):
    """All suites of this repository follow it."""
    VALIDATOR.validate(yaml.safe_load(path.read_text()))


def test_every_key_has_its_description():
    """Editors show what each key is for."""
    tables = suite_schema()["$defs"]
    for name, table in (("suite", SUITE), ("strategy", STRATEGY)):
        assert {key: about["description"] for key, about in tables[name]["properties"].items()} == {
            key: known.doc for key, known in table.keys.items()
        }


@pytest.mark.parametrize(
    "scorer",
    [
        *(name for name in [*FORMS, NOT]),
        *(
            {"contains": "a"},
            {"contains": {"any": ["a"], "weight": 2}},
            [{"exact": {"weight": 2}}, {"not": {"f1": {}}}],
        ),
        *({"json_schema": {"type": "object"}}, {"json_schema": "a.json"}, {"python": "a:b"}, {"length": {"max": 1}}),
    ],
    ids=str,
)
def test_scorers(scorer):
    """A scorer's forms are known, in a suite and in a case."""
    VALIDATOR.validate({**SMALL, "scorer": scorer})
    VALIDATOR.validate([{"text": "a", "scorer": scorer}])


@pytest.mark.parametrize(
    "suite",
    [
        {**SMALL, "cases_from": {"path": "a.csv", "rename": {"a": "b"}, "limit": 5}},
        {"prompt_file": "a.md", "strategies": {"a": {"model": "b", "gate": False}}, "cases_from": ["a.csv"]},
        {**SMALL, "parse": {"json": "a"}, "response_format": {"type": "object"}},
        [{"text": 1, "expected": 5, "must_pass": 2, "strict": True, "quarantine": "a", "more": {"a": [1]}}],
    ],
    ids=str,
)
def test_good_suites(suite):
    """What can be read is accepted."""
    VALIDATOR.validate(suite)


@pytest.mark.parametrize(
    "change",
    [
        *({"suite": 5}, {"descripton": "a"}, {"repeats": 0}, {"style": "poem"}, {"parse": "xml"}, {"calibrate": "yes"}),
        *({"scorer": "exat"}, {"scorer": {"contains": {"eny": "a"}}}, {"scorer": {"not": "judge"}}, {"threshold": 1.5}),
        *({"budget_usd": -1}, {"gate": True}, {"gate": {"speed": {}}}, {"gate": {"quality": {"margin": 0}}}),
        *(
            {"params": {"temprature": 0}},
            {"params": {"temperature": 3}},
            {"params": {"api_key": "x"}},
            {"labels": ["a"]},
        ),
        *({"strategies": {"a": {}}}, {"strategies": {"a::b": {"model": "c"}}}),
        *({"strategies": {"a": {"modle": "b"}}}, {"strategies": {"a": {"cascade": []}}}, {"cases": []}),
        *({"cases": [{"id": "gate[a]"}]}, {"cases": [{"tags": ["skip"]}]}, {"cases": [{"tags": ["a b"]}]}),
        *({"cases": [{"must_pass": "often"}]}, {"cases": [{"expected": []}]}, {"cases": [{"turns": []}]}),
        *(
            {"cases": ["text"]},
            {"cases": [{"meta": "none"}]},
            {"cases_from": {"limit": 1}},
            {"cases_from": {"pth": "a"}},
        ),
        *({"messages": [{"role": "usr", "content": "a"}]}, {"examples": [{"text": "a"}]}),
    ],
    ids=str,
)
def test_mistakes_that_a_schema_can_see(change):
    """An editor marks them before anything is run."""
    assert not VALIDATOR.is_valid({**copy.deepcopy(SMALL), **change})


def test_golden_mistakes_are_rejected():
    """The suite with every kind of mistake is rejected, for many reasons."""
    text = (ROOT / "tests" / "golden" / "suite_mistakes.yaml").read_text()
    plain = text.replace("&anchor ", "").replace("*anchor", "anchor").replace("!!python/name:os.system ", "")
    suite = jsonschema.Draft202012Validator(suite_schema()["$defs"]["suite"] | {"$defs": suite_schema()["$defs"]})
    places = {
        error.json_path.split(".")[1].split("[")[0]
        for error in suite.iter_errors(yaml.safe_load(plain))
        if "." in error.json_path
    }
    assert places >= {
        *("suite", "repeats", "style", "params", "parse", "scorer", "threshold", "budget_usd", "gate"),
        *("strategies", "examples", "cases", "cases_from"),
    }
