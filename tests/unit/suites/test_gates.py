"""A strategy's bounds: its own over the suite's, key by key."""

from decimal import Decimal

from pytest_llmcost.domain.gate import CostGate, ErrorsGate, Gate, LatencyGate, QualityGate, TokensGate

SUITE = """
prompt: "{{{{ text }}}}"
strategies: {{it: {{model: cheap{own}}}}}
{top}
cases: [{{text: a, expected: b}}]
"""
ALL = """
gate:
  quality: {margin: 0.02, min: 0.8, fail_on: any_drop}
  cost: {max_usd_per_case: 0.002, max_increase: 0.10}
  tokens: {max_increase: 0.2}
  latency: {p95_seconds: 5, ttft_p95_seconds: 1, max_increase: 0.5, fail: true}
  errors: {max_rate: 0.01}
  coverage: {min: 0.9}
"""


def gate_of(read, own="", top=""):
    """Return the gate of the one strategy."""
    (it,) = read(SUITE.format(own=own and ", gate: " + own, top=top)).strategies
    return it.gate


def test_default(read):
    """Quality and errors are always judged."""
    assert gate_of(read) == Gate(quality=QualityGate(margin=0.05), errors=ErrorsGate(max_rate=0))


def test_all_bounds(read):
    """Every bound arrives; money exactly."""
    assert gate_of(read, top=ALL) == Gate(
        quality=QualityGate(margin=0.02, min=0.8, fail_on="any_drop"),
        cost=CostGate(max_usd_per_case=Decimal("0.002"), max_increase=0.1),
        tokens=TokensGate(max_increase=0.2),
        latency=LatencyGate(p95_seconds=5, ttft_p95_seconds=1, max_increase=0.5, fail=True),
        errors=ErrorsGate(max_rate=0.01),
        coverage_min=0.9,
    )


def test_own_over_suite(read):
    """A strategy changes the bounds that it names, and no others."""
    gate = gate_of(read, own="{quality: {min: 0.9}, cost: {max_increase: 0.3}}", top=ALL)
    assert gate.quality == QualityGate(margin=0.02, min=0.9, fail_on="any_drop")
    assert gate.cost == CostGate(max_usd_per_case=Decimal("0.002"), max_increase=0.3)
    assert gate.tokens == TokensGate(max_increase=0.2)


def test_false(read):
    """`false` is measured and never judged: a strategy, or all of them but those with bounds of their own."""
    assert gate_of(read, own="false", top=ALL) is None
    assert gate_of(read, top="gate: false") is None
    assert gate_of(read, own="{quality: {min: 0.9}}", top="gate: false") == Gate(quality=QualityGate(min=0.9))
