"""Prompts that cannot be asked: told with the place and the number, before anything is paid."""

from __future__ import annotations

from fakes.project import CASES, Project
from fakes.stub_server import answer


def test_a_prompt_beyond_the_window_and_a_template_that_fails_are_told_and_the_rest_is_asked(project: Project) -> None:
    project.write(
        "llmcost.toml",
        f"""
[models.ours]
model = "openai/gpt-4"
api_base = "{project.server.base}"
api_key_env = "OUR_KEY"
""",
    )
    project.server.play(answer("shop"))
    huge = {"id": "huge", "text": "a " * 9_000, "expected": "shop"}
    project.suite([*CASES[:2], huge])
    rows = {"id": "rows", "text": "Is it?", "rows": "none", "expected": "shop"}
    project.suite([rows], name="bench_rows.yaml", prompt="{{ text }}\n{{ rows | table }}")

    result = project.run("--llm-budget")

    assert result.ret == 1
    assert len(project.server.requests) == 2
    result.stdout.fnmatch_lines(
        [
            "*bench_rows.yaml:*: the template in line * fails for this case: a list of mappings is needed*",
            "*the prompt has 9,0?? tokens, the model's window holds 8,192: nothing was sent.*",
        ]
    )
    (trial,) = [line for line in project.runs()[-1][1:] if line["case"] == "huge"]
    assert (trial["error_kind"], trial["paid_usd"], trial["calls"]) == ("context too long", 0, [])
