"""Suites as they should not be: every mistake is told with its place, nothing explodes, and the others run."""

from __future__ import annotations

import codecs
import json
import re
from fnmatch import fnmatchcase

import pytest
from fakes.project import CASES, Project
from fakes.stub_server import answer

HEAD = """\
labels: [shop, other]
prompt: "{{ text }}"
strategies: {one: {model: ours}}
"""
GOOD_CASES = "cases:\n  - {id: late, text: My order is late, expected: shop}\n"


def told(project: Project, content: str | bytes, *args: str) -> list[str]:
    """Run `bench_bad.yaml` beside a good suite; return what is said of it, behind its name; the good one has run."""
    project.suite(name="bench_good.yaml")
    data = content.encode() if isinstance(content, str) else content
    (project.path / "bench_bad.yaml").write_bytes(data)
    result = project.run("--llm-budget", *args)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert [line["case"] for line in project.runs()[-1][1:]] == sorted(case["id"] for case in CASES)
    said = [line for line in result.outlines if line.startswith(("bench_bad.yaml:", "E   bench_bad.yaml:"))]
    return [line.removeprefix("E   ").removeprefix("bench_bad.yaml:") for line in said]


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
def test_s01_all_mistakes_are_told_at_once_with_line_column_and_suggestion(
    project: Project, workers: tuple[str, ...]
) -> None:
    bad = """\
labels: [shop, other]
prommpt: "{{ text }}"
prompt: "{{ text }}"
prompt: "again {{ text }}"
strategies: {one: {model: ourz}}
scorer: exat
repeats: many
cases:
  - {id: a, text: one, expected: shop}
  - {id: a, text: two, expected: other}
  - {id: b, text: three}
  - {id: c, text: four, expected: shp}
"""
    assert told(project, bad, *workers) == [
        "2:1: unknown key 'prommpt' in a suite (did you mean 'prompt'?)",
        "4:1: key 'prompt' is here twice, first in line 3. Keep one",
        "5:27: unknown tier 'ourz' (did you mean 'ours'?)",
        "6:9: unknown scorer 'exat' (did you mean 'exact'?)",
        "7:10: repeats is 'many': a whole number from 1 up to 1,000 is needed",
        "10:10: id 'a' is that of the case in line 9, too. Give each its own",
        "11:5: case 'b' has no 'expected'. Add it: the right answer, or a list of right ones",
        "12:35: expected 'shp' is not among the labels (did you mean 'shop'?)",
    ]


BOMBS = {
    "aliases": (
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n" + HEAD + GOOD_CASES,
        "3:5: alias 'b': aliases are not allowed. Write the value out",
    ),
    "brackets": (HEAD + "cases: " + "[" * 100_000, "4:71: nested deeper than 64 levels"),
    "braces": (HEAD + "cases: " + "{a: " * 100_000, "4:260: nested deeper than 64 levels"),
    "blocks": (HEAD + "cases:\n" + "- " * 30_000 + "x", "5:127: nested deeper than 64 levels"),
    "question-marks": (HEAD + "cases:\n" + "? " * 30_000 + "x", "5:129: nested deeper than 64 levels"),
    "a-tag": (
        HEAD + "cases:\n  - {id: !!python/name:os.system x, text: x, expected: shop}\n",
        "5:10: tag 'tag:yaml.org,2002:python/name:os.system': tags are not allowed. Write a plain value, text in "
        "quotes",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_s02_what_would_explode_or_run_is_refused_where_it_stands(project: Project, name: str) -> None:
    content, said = BOMBS[name]
    mistakes = told(project, content)
    # Where PyYAML itself refuses the depth, from 6.0.4 on, it names a later column.
    assert said in mistakes or any(re.fullmatch(r"4:\d+: nested deeper than 64 levels", line) for line in mistakes)


def test_s02_a_file_of_a_gigabyte_is_refused_by_its_size(project: Project) -> None:
    project.suite(name="bench_good.yaml")
    with (project.path / "bench_huge.yaml").open("wb") as file:
        file.truncate(2**30)
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*bench_huge.yaml:1:1: the file is larger than 64 MB. Split it", "*1 missed*"])


TEMPLATES = {
    "unknown": ("{{ txet }}", "'txet' (did you mean 'text'?)"),
    "attribute": ("{{ text.__class__.__mro__ }}", "has no attribute '__class__'"),
    "subscript": ("{{ text['__class__'] }}", "has no attribute '__class__'"),
    "call": ("{{ text.format(1) }}", "a call is not allowed"),
    "endless": ("{% for i in range(999999999) %}x{% endfor %}", "a call is not allowed"),
    "nested": ("{% for a in text %}" * 9 + "x" + "{% endfor %}" * 9, "it is nested too deeply"),
    "huge": ("{{ 'x' * 10**9 }}", "* is not allowed"),
    "include": ("{% include '/etc/passwd' %}", "Include is not allowed"),
    "filter": ("{{ text|attr('__class__') }}", "attr"),
    "long": ("{% for a in text %}{{ text }}{% endfor %}", "characters"),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_s03_a_template_that_leads_out_or_never_ends_is_refused(project: Project, name: str) -> None:
    template, said = TEMPLATES[name]
    long = f"  - {{id: long, text: {'x' * 5_000}, expected: shop}}\n"
    (mistake, *_) = told(project, HEAD.replace('"{{ text }}"', json.dumps(template)) + GOOD_CASES + long)
    assert said in mistake
    assert mistake.startswith("2:") or "template in line 2" in mistake


CATASTROPHE = "(a|a)*$"
LETTERS = "a" * 40 + "!"

SLOW = {
    "regex": {"scorer": {"regex": CATASTROPHE}},
    "not": {"scorer": {"not": {"regex": CATASTROPHE}}},
    "expected": {"scorer": "regex"},
    "schema": {"scorer": {"json_schema": {"properties": {"a": {"pattern": CATASTROPHE}}}}},
    "schema-names": {"scorer": {"json_schema": {"patternProperties": {CATASTROPHE: {"type": "string"}}}}},
    "schema-rest": {"scorer": {"json_schema": {"patternProperties": {CATASTROPHE: {}}, "additionalProperties": {}}}},
}


@pytest.mark.parametrize("name", SLOW)
def test_s04_a_pattern_without_end_leaves_its_case_unscored_and_the_others_run(project: Project, name: str) -> None:
    name_it = f'{{"{LETTERS}": 1}}'
    slow = {"schema": f'{{"a": "{LETTERS}"}}', "schema-names": name_it, "schema-rest": name_it}.get(name, LETTERS)
    cases = [{"id": "slow", "text": "slow", "expected": CATASTROPHE}, {"id": "fast", "text": "fast", "expected": "a"}]
    project.suite(cases, labels=["a", CATASTROPHE], parse="json" if "schema" in name else "text", **SLOW[name])
    project.server.play(lambda asked: answer(slow if "slow" in asked.prompt else "1")(asked))
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*case 'slow' has no answer by 'one'*", "unscored: the pattern * takes over 1 s on*"])
    trials = {line["case"]: line for line in project.runs()[-1][1:]}
    assert trials["slow"]["score"] is None
    assert trials["fast"]["score"] is not None


def test_s04_a_pattern_without_end_parses_nothing(project: Project) -> None:
    project.suite(CASES[:1], parse={"regex": CATASTROPHE}, scorer="exact")
    project.server.play(answer(LETTERS))
    result = project.run("--llm-budget")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*note: 1 answer: unparsed: the pattern took longer than 1 s*"])


def test_s04_references_that_double_without_end_leave_the_case_unscored(project: Project) -> None:
    twice = {f"a{i}": {"allOf": [{"$ref": f"#/$defs/a{i - 1}"} for _ in "xx"]} for i in range(1, 40)}
    schema = {"$defs": {"a0": {"type": "object"}, **twice}, "$ref": "#/$defs/a39"}
    project.suite(CASES[:1], parse="json", scorer={"json_schema": schema})
    project.server.play(answer("{}"))
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["unscored: the schema takes over 1 s on this answer"])


SCORERS = """
import sys
def raises(answer, case): raise ValueError("\\x1b[2Jno such thing")
def exits(answer, case): sys.exit(0)
def interrupts(answer, case): raise KeyboardInterrupt
def nan(answer, case): return float("nan")
def beyond(answer, case): return 1.5
def none(answer, case): return None
def text(answer, case): return "1"
def deep(answer, case): return deep(answer, case)
"""
UNSCORED = {
    "raises": r"the scorer raised ValueError: \u001b[2Jno such thing",
    "exits": "unscored: the scorer raised SystemExit: 0",
    "interrupts": "unscored: the scorer raised KeyboardInterrupt: ",
    "nan": "unscored: mine:nan gave nan: True, False or a number in 0..1 is needed",
    "beyond": "unscored: mine:beyond gave 1.5: True, False or a number in 0..1 is needed",
    "none": "unscored: mine:none gave None: True, False or a number in 0..1 is needed",
    "text": "unscored: mine:text gave '1': True, False or a number in 0..1 is needed",
    "deep": "the scorer raised RecursionError: ",
    "missing": "unscored: mine:missing cannot be loaded: ",
}


def test_s05_a_scorer_that_gives_no_score_leaves_its_case_unscored_and_counts_as_an_error(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(project.path)
    project.write("mine.py", SCORERS)
    project.configure(allowed_python=["mine"])
    bad = [{"id": n, "text": f"order {n}", "expected": "shop", "scorer": {"python": f"mine:{n}"}} for n in UNSCORED]
    project.suite([*bad, CASES[0]])
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    for name, reason in UNSCORED.items():
        assert f"case '{name}' has no answer by 'one' (ours)\n{reason}" in result.stdout.str()
    trials = {line["case"]: line for line in project.runs()[-1][1:]}
    assert [name for name in UNSCORED if trials[name]["score"] is not None or trials[name]["correct"] is not None] == []
    assert trials["late"]["correct"] is True
    result.stdout.fnmatch_lines([f"errors: {len(UNSCORED)} of {len(UNSCORED) + 1} without an answer, accepted 0.0%"])


def test_s06_numbers_that_bound_nothing_are_refused_in_a_gate(project: Project) -> None:
    gate = """\
gate:
  quality: {margin: .nan, min: -.inf}
  cost: {max_usd_per_case: -1, max_increase: .inf}
  tokens: {max_increase: -0.1}
  latency: {p95_seconds: 0, max_increase: 1e999}
  errors: {max_rate: 1.1}
  coverage: {min: 90%}
"""
    assert told(project, HEAD + gate + GOOD_CASES) == [
        "5:21: '.nan' is no finite number. If it is text, put it in quotes",
        "5:32: '-.inf' is no finite number. If it is text, put it in quotes",
        "6:28: max_usd_per_case is -1: a number from 0, in US dollars, is needed",
        "6:46: '.inf' is no finite number. If it is text, put it in quotes",
        "7:26: max_increase is -0.1: a number from 0 is needed",
        "8:26: p95_seconds is 0: a number above 0 is needed",
        "8:43: '1e999' is no finite number. If it is text, put it in quotes",
        "9:22: max_rate is 1.1: a number from 0 up to 1 is needed",
        "10:19: min is '90%': a number from 0 up to 1 is needed",
    ]


SUITE = HEAD + 'cases:\n  - {id: late, text: "Où est ma commande? order", expected: shop}\n'
ENCODINGS = {
    "utf-16": (SUITE.encode("utf-16"), "1:1: the file is UTF-16. Save it as UTF-8"),
    "utf-32": (SUITE.encode("utf-32"), "1:1: the file is UTF-32. Save it as UTF-8"),
    "latin-1": (SUITE.encode("latin-1"), "5:24: byte 0xF9 is not UTF-8. Save the file as UTF-8"),
    "mixed": (SUITE.encode() + b"  - {text: \xe9}\n", "6:12: byte 0xE9 is not UTF-8. Save the file as UTF-8"),
    "nul": (SUITE.encode() + b"  - {text: \0}\n", "6:12: U+0000 may not stand in YAML. Write it as an escape, in*"),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_s07_what_is_not_utf8_is_said_with_the_place(project: Project, name: str) -> None:
    content, said = ENCODINGS[name]
    (mistake,) = told(project, content)
    assert fnmatchcase(mistake, said)


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["plain", "mark"])
def test_s07_utf8_reaches_the_model_to_the_letter(project: Project, mark: bytes) -> None:
    (project.path / "bench_it.yaml").write_bytes(mark + SUITE.replace("\n", "\r\n").encode())
    assert project.run("--llm-budget").ret == 0
    assert project.server.prompts == ["Où est ma commande? order"]


@pytest.mark.parametrize("signs", ["[", "{a: ", "- ", "? ", "[{a: "])
def test_s08_no_depth_crashes_the_process(project: Project, signs: str) -> None:
    project.suite(name="bench_good.yaml")
    (project.path / "bench_bad.yaml").write_text("cases:\n" + signs * (8 * 2**20 // len(signs)), "utf-8")
    result = project.run_apart("--llm-budget", "bench_bad.yaml")  # libyaml crashes all of the process that it is in
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    # libyaml gives up on keys that are too long before it has read any of what is in them.
    result.stdout.re_match_lines([r".*bench_bad\.yaml:2:\d+: (nested deeper than 64 levels|this is no YAML: .*key.*)"])


REFUSED = ["extra_headers", "api_key", "api_base", "success_callback", "mock_response", "num_retries", "n", "user"]


def test_s09_a_suite_sends_no_request_parameter_that_is_not_on_the_list(project: Project) -> None:
    params = "".join(f"  {name}: x\n" for name in REFUSED)
    mistakes = told(project, HEAD + "params:\n" + params + GOOD_CASES)
    assert [mistake.partition(":")[0] for mistake in mistakes] == [str(5 + i) for i in range(len(REFUSED))]
    assert all(name in mistake for name, mistake in zip(REFUSED, mistakes, strict=True))
    assert not any(name in asked.body for asked in project.server.requests for name in REFUSED)


AS_WRITTEN = ["no", "yes", "on", "Off", "010", "0x1F", "1e3", "12:30", "12:30:45", "2026-11-24", "1_000", "1.0", ".5"]


def test_s10_an_answer_is_expected_as_it_is_written(project: Project) -> None:
    cases = "".join(f"  - {{id: c{i}, text: say {word}, expected: {word}}}\n" for i, word in enumerate(AS_WRITTEN))
    head = 'prompt: "{{ text }}"\nstrategies: {one: {model: ours}}\n'
    project.write("bench_it.yaml", head + "cases:\n" + cases)
    project.server.play(lambda asked: answer(asked.prompt.removeprefix("say "))(asked))
    assert project.run("--llm-budget").ret == 0
    assert {line["case"]: line["correct"] for line in project.runs()[-1][1:]} == {
        f"c{i}": True for i in range(len(AS_WRITTEN))
    }
    assert sorted(project.server.prompts) == sorted(f"say {word}" for word in AS_WRITTEN)


def test_s10_where_text_is_meant_and_yaml_reads_none_the_trap_is_explained(project: Project) -> None:
    mistakes = told(project, HEAD + "cases:\n  - {id: a, text: x, expected: ~}\n  - {id: b, text: y, expected: null}\n")
    assert len(mistakes) == 2
    assert all("put it in quotes" in mistake for mistake in mistakes), mistakes
