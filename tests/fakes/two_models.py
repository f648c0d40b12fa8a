"""A project with a small model that is not always sure, and a big one that is right."""

from __future__ import annotations

from fakes.project import Project
from fakes.stub_server import Asked, Reply, Script, answer


def two_models(small: Script | Reply | None = None) -> Script:
    """Answer as `big`, which is always right, or as `small`: sure of orders and refunds, unless it is scripted."""

    def reply(asked: Asked) -> Reply:
        text = asked.prompt
        if asked.body["model"] == "big":
            return answer("other" if "rain" in text or "books" in text else "shop", rivals=("shop",))(asked)
        if small is not None:
            return small(asked) if callable(small) else small
        is_sure = "refund" in text or "order is" in text
        return answer("shop", confidence=0.95 if is_sure else 0.55, rivals=("other",))(asked)

    return reply


def configure(project: Project, more: str = "") -> None:
    """Write `llmcost.toml`: tiers cheap and mid are `small`, frontier is `big` at ten times the price."""
    models = "".join(
        f'[models.{name}]\nmodel = "openai/{name}"\napi_base = "{project.server.base}"\napi_key_env = "OUR_KEY"\n'
        f"[prices.{name}]\ninput = {price}\noutput = {price}\n"
        for name, price in (("small", 100.0), ("big", 1000.0))
    )
    tiers = '[tiers]\ncheap = "small"\nmid = "small"\nfrontier = "big"\n'
    project.write("llmcost.toml", f"attempts = 1\n{more}{tiers}{models}")
