"""Prompts and schemas in files of their own: the very files that the application reads."""

import json

import pytest

CASES = "strategies: [cheap]\ncases: [{text: a, expected: b}]\n"
SCHEMA = {"type": "object", "properties": {"label": {"type": "string"}}, "required": ["label"]}


@pytest.fixture
def files(tmp_path):
    """Some files beside the suite, and one in a folder below."""
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "ask.md").write_text("Sort this:\n{{ text }}\n\n")
    (tmp_path / "system.md").write_bytes(b"\xef\xbb\xbfBe short.\r\n")
    (tmp_path / "order.schema.json").write_text(json.dumps(SCHEMA))
    return tmp_path


def test_prompt_and_system(read, files):
    """The text is the file's, to its last line end."""
    (it,) = read(CASES + "prompt_file: prompts/ask.md\nsystem_file: system.md\n").strategies
    assert (it.prompt.prompt, it.prompt.system) == ("Sort this:\n{{ text }}\n\n", "Be short.\r\n")


def test_strategies_have_files_of_their_own(read, files):
    """A strategy's file goes before the suite's text, and its text before the suite's file."""
    a, b = read(
        CASES.replace(
            "[cheap]", '{a: {model: mid, prompt_file: prompts/ask.md}, b: {model: mid, prompt: "{{ text }}!"}}'
        )
        + 'system_file: system.md\nprompt: "{{ text }}"\n'
    ).strategies
    assert (a.prompt.prompt, b.prompt.prompt) == ("Sort this:\n{{ text }}\n\n", "{{ text }}!")
    assert a.prompt.system == b.prompt.system == "Be short.\r\n"


def test_paths_start_at_the_suite(read, files):
    """A path is that from the suite's folder; `..` is no way out of the root, and a way inside it."""
    (it,) = read(CASES + "prompt_file: ../prompts/ask.md\n", name="deep/bench_it.yaml").strategies
    assert it.prompt.prompt.startswith("Sort this:")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("prompt_file: prompts/aks.md", "3:14: 'prompts/aks.md': the file cannot be read: No such file or directory"),
        ("prompt_file: prompts", "3:14: 'prompts': "),
        ("prompt_file: ../secret.md", "3:14: '../secret.md': the file "),
        ("prompt_file: /etc/passwd", "3:14: path '/etc/passwd' is absolute. Write it from the folder of this file"),
        ("prompt_file: file:///etc/passwd", "3:14: 'file:///etc/passwd' is an address: the path of a file is needed"),
        ("prompt_file: out.md", "3:14: 'out.md': the file is not below "),
        ("prompt_file: 5", "3:14: prompt_file is 5: text is needed; put it in quotes"),
        ("prompt_file: latin.md", "latin.md:2:3: byte 0xE9 is not UTF-8. Save the file as UTF-8"),
        (
            "prompt_file: prompts/ask.md\nprompt: '{{ text }}'",
            "3:1: 'prompt' and 'prompt_file' both say the prompt. Keep one of them",
        ),
        (
            "prompt_file: prompts/ask.md\nmessages: [{role: user, content: '{{ text }}'}]",
            "3:1: 'prompt' and 'messages' both say what is asked. Keep one of them",
        ),
    ],
)
def test_t03_mistakes(mistakes, files, lines, said):
    """A file that cannot be read is one mistake, where it is named; what is wrong in it is told there."""
    (files.parent / "secret.md").write_text("{{ text }}")
    (files / "out.md").symlink_to(files.parent / "secret.md")
    (files / "latin.md").write_bytes(b"{{ text }}\nab\xe9\n")
    (found,) = mistakes(CASES + lines + "\n")
    assert found.startswith(said)


def test_s03_mistakes_in_a_template_file(mistakes, files):
    """A template's mistakes are told at their place in the file that holds it."""
    (files / "p.md").write_text("Hello\n {{ txt }} {{ text }}\n")
    assert mistakes(CASES + "prompt_file: p.md\n") == ["p.md:2:5: unknown variable 'txt' (did you mean 'text'?)"]
    (files / "p.md").write_text("{{ text | nonsense }}")
    assert mistakes(CASES + "prompt_file: p.md\n")[0].startswith("p.md:1:1: template ")
    (files / "p.md").write_text("{{ text.__class__ }}")
    (found,) = mistakes(CASES + "prompt_file: p.md\n")
    assert found.startswith("2:9: the template in p.md fails for this case: 'str object' has no attribute")


HEAD = 'prompt: "{{ text }}"\n' + CASES


def test_response_format(read, files):
    """A schema becomes a strict format of the file's name; a whole format stays as it is."""
    wrapped = {"type": "json_schema", "json_schema": {"name": "order", "schema": SCHEMA, "strict": True}}
    (it,) = read(HEAD + "response_format: order.schema.json\n").strategies
    assert it.params == {"response_format": wrapped}
    (it,) = read(HEAD + f"response_format: {json.dumps(SCHEMA)}\n").strategies
    assert it.params["response_format"] == {**wrapped, "json_schema": {**wrapped["json_schema"], "name": "answer"}}
    for whole in ({"type": "json_object"}, wrapped):
        (it,) = read(HEAD + f"response_format: {json.dumps(whole)}\n").strategies
        assert it.params == {"response_format": whole}


def test_response_format_of_a_strategy(read, files):
    """It goes before the suite's."""
    text = HEAD.replace("[cheap]", "{a: {model: mid, response_format: {type: json_object}}, b: {model: mid}}")
    a, b = read(text + "response_format: order.schema.json\n").strategies
    assert a.params == {"response_format": {"type": "json_object"}}
    assert b.params["response_format"]["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{type: objekt}", "4:18: this is no JSON schema: $.type: 'objekt' is not valid"),
        (
            "{$ref: 'https://example.org/s.json'}",
            "4:18: the schema refers to 'https://example.org/s.json', outside of it",
        ),
        (
            "{properties: {a: {$ref: other.json}}}",
            "4:18: the schema refers to 'other.json', outside of it. Put that below",
        ),
        ("missing.json", "4:18: 'missing.json': the file cannot be read"),
        ("torn.json", "torn.json:2:1: this is no JSON: Expecting"),
        ("list.json", "list.json:1:1: the file is no JSON object: { ... } is needed"),
        ("[]", "4:18: response_format is a list: text or a mapping is needed"),
    ],
)
def test_mistakes_in_schemas(mistakes, files, written, said):
    """A schema is checked before anything is asked, and refers to nothing outside of it."""
    (files / "torn.json").write_text('{"type":\n')
    (files / "list.json").write_text("[]")
    (found,) = mistakes(HEAD + f"response_format: {written}\n")
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"properties": {"a": {"pattern": "b" * 1_001}}}, ["the pattern has 1,001 characters"]),
        (
            {"patternProperties": {"a" * 1_001: {}, "b" * 1_002: {}}},
            ["the pattern has 1,001 characters", "the pattern has 1,002 characters"],
        ),
        ({"patternProperties": {"a": {}}, "unevaluatedProperties": False}, ["unevaluatedProperties does not go with"]),
    ],
)
def test_s04_patterns_in_a_scorer_s_schema_can_be_stopped(mistakes, schema, said):
    """What searches answers is compiled by what can stop it; what cannot be stopped is refused."""
    found = mistakes(HEAD + f"scorer: {{json_schema: {json.dumps(schema)}}}\n")
    assert len(found) == len(said)
    assert all(text in mistake for text, mistake in zip(said, sorted(found), strict=True))


def test_schema_of_a_scorer_in_a_file(read, files):
    """What a case is scored by is the schema itself, so that a change of the file is a change of the case."""
    text = HEAD + "scorer: {json_schema: order.schema.json}\n"
    before = read(text)
    assert before.scorer[0].options == {"value": SCHEMA}
    (files / "order.schema.json").write_text(json.dumps({**SCHEMA, "required": []}))
    assert read(text).cases[0].fingerprint != before.cases[0].fingerprint


@pytest.mark.parametrize(
    ("written", "parse"),
    [
        *(("text", ("text", "")), ("label", ("label", "")), ("json", ("json", ""))),
        *(("{json: order.id}", ("json", "order.id")), ("{regex: 'Answer: (.*)'}", ("regex", "Answer: (.*)"))),
    ],
)
def test_parse(read, written, parse):
    """What is taken as the answer, with its field or pattern, in a suite and in a strategy."""
    text = 'prompt: "{{ text }}"\nlabels: [a, b]\ncases: [{text: a, expected: b}]\n'
    suite = read(text + f"strategies: {{a: {{model: mid, parse: {written}}}, b: {{model: mid}}}}\nparse: {written}\n")
    assert {(it.parse, it.parse_argument) for it in suite.strategies} == {parse}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("jsn", "4:8: unknown parse 'jsn' (did you mean 'json'?)"),
        ("{jsn: a}", "4:9: unknown key 'jsn' in parse (did you mean 'json'?)"),
        ("{json: a, regex: b}", "4:8: parse takes one of {json: field} and {regex: pattern}"),
        ("{}", "4:8: parse takes one of {json: field} and {regex: pattern}"),
        ("{regex: '(a'}", "4:16: pattern '(a' is wrong: missing ) at position 2"),
        ("regex", "4:8: unknown parse 'regex'. Use text, label or json"),
    ],
)
def test_mistakes_in_parse(mistakes, written, said):
    """Each is told with its place."""
    assert mistakes(HEAD + f"parse: {written}\n") == [said]
