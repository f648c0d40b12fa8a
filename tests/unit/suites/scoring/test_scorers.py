"""Scorers as a suite writes them: by name, with options, several of them, and what is wrong with them."""

import pytest

from pytest_llmcost.domain.suite import ScorerSpec as Spec
from pytest_llmcost.suites.project import Accepted

HEAD = 'prompt: "{{ text }}"\nstrategies: {it: {model: cheap}}\ncases: [{text: a, expected: "1"}]\n'
BLEU = {"bleu": Accepted(("n", "value")), "rouge": Accepted(("kind",), ("kind",)), "any": Accepted(takes_any=True)}


def suite(scorer):
    """Return a suite with this scorer."""
    return f"{HEAD}scorer: {scorer}\n"


@pytest.mark.parametrize(
    ("written", "specs"),
    [
        ("exact", [Spec("exact")]),
        ("{exact: }", [Spec("exact")]),
        ("{contains: sorry}", [Spec("contains", {"value": ["sorry"]})]),
        ("{contains: [sorry, 42]}", [Spec("contains", {"value": ["sorry", "42"]})]),
        ("{contains: {any: [a, b]}}", [Spec("contains", {"any": ["a", "b"]})]),
        ("{contains: {all: a, weight: 2}}", [Spec("contains", {"all": ["a"]}, 2.0)]),
        ("contains", [Spec("contains")]),
        ("{starts_with: Dear}", [Spec("starts_with", {"value": ["Dear"]})]),
        ("{regex: '^a+$'}", [Spec("regex", {"value": "^a+$"})]),
        ("{numeric: {abs: 0.01, rel: 0.1}}", [Spec("numeric", {"abs": 0.01, "rel": 0.1})]),
        ("{json_schema: {type: object}}", [Spec("json_schema", {"value": {"type": "object"}})]),
        (
            "{json_schema: {value: {type: object}, weight: 3}}",
            [Spec("json_schema", {"value": {"type": "object"}}, 3.0)],
        ),
        ("f1", [Spec("f1")]),
        ("levenshtein", [Spec("levenshtein")]),
        ("{length: {max: 20, unit: words}}", [Spec("length", {"max": 20, "unit": "words"})]),
        ("{not: {contains: sorry}}", [Spec("not", of=(Spec("contains", {"value": ["sorry"]}),))]),
        ("{not: {contains: sorry, weight: 2}}", [Spec("not", {}, 2.0, (Spec("contains", {"value": ["sorry"]}),))]),
        ("{not: exact}", [Spec("not", of=(Spec("exact"),))]),
        ("{python: 'my_app.scores:close'}", [Spec("python", {"value": "my_app.scores:close"})]),
        ("{bleu: {n: 4, weight: 2}}", [Spec("bleu", {"n": 4}, 2.0)]),
        ("{bleu: 4}", [Spec("bleu", {"value": 4})]),
        ("bleu", [Spec("bleu")]),
        ("{bleu: {n: 0.50}}", [Spec("bleu", {"n": 0.5})]),
        ("{any: {at: [1, all]}}", [Spec("any", {"at": [1, "all"]})]),
        (
            "[{exact: {weight: 2}}, {not: {contains: sorry}}]",
            [Spec("exact", {}, 2.0), Spec("not", of=(Spec("contains", {"value": ["sorry"]}),))],
        ),
    ],
)
def test_forms(read, written, specs):
    """A scorer is a name, a name with options, or a list of these with weights."""
    found = read(suite(written), allowed_python=["my_app"], scorers=BLEU)
    assert found.scorer == tuple(specs)


def test_json_fields(read):
    """The expected fields may be fewer than what is expected."""
    cases = "cases: [{text: a, expected: {name: Ann, total: 12.50}}]\n"
    found = read(
        HEAD.replace('cases: [{text: a, expected: "1"}]\n', cases) + "scorer: {json_fields: {fields: [total]}}"
    )
    assert found.scorer == (Spec("json_fields", {"fields": ["total"]}),)
    assert found.cases[0].expected == ({"name": "Ann", "total": 12.5},)


@pytest.mark.parametrize(
    ("scorer", "threshold"),
    [
        *(("exact", 1.0), ("{contains: a}", 1.0), ("{not: exact}", 1.0), ("numeric", 1.0)),
        *(("f1", 0.5), ("levenshtein", 0.5), ("{python: 'my_app:f'}", 0.5), ("[exact, {contains: a}]", 0.5)),
        *(("{not: f1}", 0.5), ("bleu", 0.5), ("[exact]", 1.0)),
    ],
)
def test_default_threshold(read, scorer, threshold):
    """All is needed of what is right or wrong, the half of what is graded."""
    found = read(suite(scorer), allowed_python=["my_app"], scorers=BLEU)
    assert found.threshold == threshold
    assert read(suite(scorer) + "threshold: 0.7", allowed_python=["my_app"], scorers=BLEU).threshold == 0.7


@pytest.mark.parametrize(
    ("scorer", "said"),
    [
        ("exakt", "4:9: unknown scorer 'exakt' (did you mean 'exact'?)"),
        ("blue", "4:9: unknown scorer 'blue' (did you mean 'bleu'?)"),
        ("zzz", "4:9: unknown scorer 'zzz'. There are exact, label, contains, "),
        ("{contans: a}", "4:10: unknown scorer 'contans' (did you mean 'contains'?)"),
        ("{numeric: {abss: 1}}", "4:20: unknown key 'abss' in scorer numeric (did you mean 'abs'?)"),
        ("{numeric: {abs: -1}}", "4:25: abs is -1: a number from 0 is needed"),
        ("{numeric: 1}", "4:19: numeric takes options, by name: abs, rel, weight"),
        ("{exact: {weight: 0}}", "4:26: weight is 0: a number above 0 is needed"),
        ("{exact: {}, contains: a}", "4:9: scorer is a mapping of 'exact', 'contains': a scorer's name, {name: "),
        ("[]", "4:9: scorer is an empty list: a scorer's name, {name: options} or a list of them is needed"),
        ("[[exact]]", "4:10: scorer is none of these: a scorer's name"),
        ("{contains: {any: a, all: b}}", "4:29: contains has 'any' and 'all'. Keep one of them"),
        ("{contains: []}", "4:20: contains has length 0: at least 1 is needed"),
        ("{length: {}}", "4:10: length has none of max, min. Write one: {length: {max: 100}}"),
        ("length", "4:9: length has none of max, min. Write one: {length: {max: 100}}"),
        ("{length: {max: 1, unit: tokens}}", "4:33: unknown unit 'tokens'. Use chars or words"),
        ("not", "4:9: not has no scorer to turn round. Write it: {not: {contains: sorry}}"),
        ("{not: {contans: a}}", "4:16: unknown scorer 'contans' (did you mean 'contains'?)"),
        ("json_schema", "4:9: json_schema has no value. Write it: {json_schema: ...}, JSON schema, or its file"),
        ("{json_schema: {type: objekt}}", "4:23: this is no JSON schema: $.type: 'objekt' is not valid"),
        ("{python: my_app}", "4:18: python is 'my_app': module:function is needed"),
        (
            "{python: 'os:system'}",
            "4:18: module 'os' may not be run for a suite.\nAllow it with: [tool.llmcost] allowed",
        ),
        ("{python: 'my_apple:f'}", "4:18: module 'my_apple' may not be run"),
        ("{bleu: {weight: -1}}", "4:25: weight is -1: a number above 0 is needed"),
        ("{bleu: {m: 4}}", "4:17: bleu has no option 'm'. It takes n, value"),
        ("{rouge: {kinds: l, kind: 1}}", "4:18: rouge has no option 'kinds' (did you mean 'kind'?)"),
        ("{rouge: l}", "4:17: rouge has no option 'value'"),
        ("rouge", "4:9: rouge needs the option 'kind'. Write it: {rouge: {kind: ...}}"),
    ],
)
def test_mistakes(mistakes, scorer, said):
    """Each is told with its place."""
    (found,) = mistakes(suite(scorer), allowed_python=["my_app"], scorers=BLEU)
    assert found.startswith(said)


@pytest.mark.parametrize("pattern", ["(a", "a" * 1_001, "(?P<x>a)(?P<x", "[z-a]"])
def test_s04_patterns_are_compiled_by_what_can_stop_them(mistakes, pattern):
    """A pattern that cannot be used is a mistake of the suite; one that takes for ever is ended when it is used."""
    (found,) = mistakes(suite(f"{{regex: '{pattern}'}}"))
    assert found.startswith("4:17: ")
    assert mistakes(suite("{regex: '(a+)+$'}")) == []


def test_t02_python_is_run_from_allowed_modules_only(mistakes):
    """Nothing is allowed by default; a package stands for the modules below it."""
    text = suite("{python: 'my_app.scores:close'}")
    assert "may not be run" in mistakes(text)[0]
    assert mistakes(text, allowed_python=["my_app"]) == mistakes(text, allowed_python=["my_app.scores"]) == []


@pytest.mark.parametrize("scorer", ["exact", "numeric", "json_fields", "f1", "levenshtein", "contains", "[f1, bleu]"])
def test_scorers_that_need_expected(mistakes, scorer):
    """What is compared with an expected answer needs one."""
    text = suite(scorer).replace(', expected: "1"', "")
    assert mistakes(text, scorers=BLEU) == [
        "3:9: case has no 'expected'. Add it: the right answer, or a list of right ones"
    ]


@pytest.mark.parametrize(
    "scorer", ["{contains: a}", "{regex: a}", "{length: {max: 1}}", "{json_schema: {}}", "bleu", "{not: {contains: a}}"]
)
def test_scorers_that_need_no_expected(read, scorer):
    """What is said once for all cases need not be said in each."""
    (case,) = read(suite(scorer).replace(', expected: "1"', ""), scorers=BLEU).cases
    assert case.expected == ()


def test_what_is_said_of_a_foreign_scorer_is_part_of_a_case_s_fingerprint(read):
    """A case that is scored otherwise is another case: its name, its options and its weight count."""
    written = [
        "any",
        "bleu",
        "{bleu: {n: 1}}",
        "{bleu: {n: 2}}",
        "{bleu: 1}",
        "[bleu, any]",
        "[bleu, {any: {weight: 2}}]",
    ]
    prints = {read(suite(scorer), scorers=BLEU).cases[0].fingerprint for scorer in written}
    assert len(prints) == len(written)


def test_a_misspelt_scorer_is_one_mistake(mistakes):
    """The cases of a misspelt scorer are read as those of the one that is meant."""
    text = suite("{contians: sorry}").replace(', expected: "1"', "")
    assert mistakes(text) == ["4:10: unknown scorer 'contians' (did you mean 'contains'?)"]
    assert len(mistakes(suite("exakt").replace(', expected: "1"', ""))) == 2


def test_fields_of_code(mistakes):
    """Code may read any field of a case, so none is unused; other scorers read none."""
    text = 'prompt: "{{ text }}"\nstrategies: [cheap]\ncases: [{text: a, note: b, expected: c}]\nscorer: '
    assert mistakes(text + "{python: 'my_app:f'}", allowed_python=["my_app"]) == []
    assert mistakes(text + "exact") == [
        "3:19: field 'note' is read by no template. Use it in one, or put it below meta"
    ]
