"""Every key of a TOML file is found in its line, whatever stands around it."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.suites.tree.toml_lines import line_of, lines_of

TEXT = '''# a comment = 1
max_tokens = 5

[tool.llmcost.defaults]
prompt = """
not_a_key = 3
[not_a_table]
"""
strategies = [
  "a",
  "b",
]
gate = {quality = {min = 0.3}}
[tool.llmcost.models."openai/x.y"]
model = "m"
params.temperature = 0
'''


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("max_tokens",), 2),
        (("defaults",), 4),
        (("defaults", "prompt"), 5),
        (("defaults", "strategies"), 9),
        (("defaults", "gate", "quality", "min"), 13),
        (("defaults", "gate", "absent"), 13),
        (("models", "openai/x.y", "model"), 15),
        (("models", "openai/x.y", "params", "temperature"), 16),
        (("not_a_key",), 1),
        (("absent", "key"), 1),
    ],
)
def test_lines(tmp_path, keys, line):
    """What is not there is told where its table stands, or at the top."""
    (tmp_path / "llmcost.toml").write_text(TEXT)
    assert line_of(tmp_path / "llmcost.toml", keys) == line


def test_no_file(tmp_path):
    """Whoever asks has an error to tell already."""
    assert line_of(tmp_path / "absent.toml", ("a",)) == 1


VALUES = st.sampled_from(
    ['"x"', '"""\na = 1\n]\n"""', "[\n1,\n[2,\n3]\n]", "{b = [1]}", "'''\n[x]\n'''", "1e3", "[[1],\n[2]]"]
)


@given(st.lists(VALUES, max_size=8))
def test_law(values):
    """Of a text that is put together line by line, each key is found where it was put."""
    text, places = "", {}
    for number, value in enumerate(values):
        places[(f"k{number}",)] = text.count("\n") + 1
        text += f"k{number} = {value}\n"
    tomllib.loads(text)
    found = lines_of(text)
    assert {keys: found[keys] for keys in places} == places
