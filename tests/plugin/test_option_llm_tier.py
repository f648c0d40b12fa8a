"""`--llm-tier`: another model in a tier's place, and the sentence that a team needs."""

from __future__ import annotations

from fakes.project import Project, numbered_cases
from fakes.stub_server import by_keyword

SMALL = """
[models.small]
model = "openai/gpt-4.1-nano"
api_base = "{base}"
api_key_env = "OUR_KEY"
[prices.small]
input = 0.5
output = 2.0
[tiers]
mid = "ours"
quick = "mid"
"""


def test_another_model_is_compared_with_the_old_one_and_why_it_differs_is_said(project: Project) -> None:
    """It costs half, and errs on the orders below ten, which have a tag of their own."""
    settings = (project.path / "llmcost.toml").read_text("utf-8") + SMALL.format(base=project.server.base)
    project.write("llmcost.toml", settings)
    cases = [case | {"tags": ["early" if n < 10 else "late"]} for n, case in enumerate(numbered_cases(60))]
    strategies = {"one": {"model": "quick"}, "twin": {"model": "mid"}, "other": {"model": "ours"}}
    project.suite(cases, strategies=strategies)
    project.server.play(by_keyword({"order": "shop"}, otherwise="other"))
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0

    wrong = {f"order number {n}.": "other" for n in range(10)}
    project.suite(cases, strategies=strategies, prompt="Is this mail for the shop, or other?\n{{ text }}.")
    project.server.play(by_keyword({**wrong, "order": "shop"}, otherwise="other"))
    assert (
        project.run("--llm-budget", "--llm-tier=mid=small").stdout.str().count("\nmid = small, bench_mail.yaml::") == 2
    )
    result = project.run("--llm-budget", "--llm-tier=mid=small", "--llm-strategy=one", "--llm-mode=replay")

    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "  why cost changed: $* -> $* a case (-*): mix -$*",
            "  where quality changed: tag 'early' 10 lost, 0 won of 10 (p < 0.0001)",
            "mid = small: quality -16.7 pt [[]-2*, -1*[]], worse; cost -* %; p95 *[0-9].[0-9] s",
        ]
    )
