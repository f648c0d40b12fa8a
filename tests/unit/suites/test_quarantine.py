"""A quarantine has a reason, and ends on its day."""

from datetime import date

import pytest

CASE = 'prompt: "{{ text }}"\nstrategies: [cheap]\ncases: [{text: a, expected: b, quarantine: %s}]\n'
TODAY = date(2027, 1, 31)


@pytest.mark.parametrize(
    "written",
    [
        *("'ambiguous, until 2027-01-31'", "ambiguous", "'until the vendor answers'", "'flaky (until 2027-02-01)'"),
        *("'Until it is clear, until: 2028-01-01.'", "'since 2020-01-01'"),
    ],
)
def test_good(read, written):
    """It holds on its last day, too, and for ever without one; what is written is kept."""
    (case,) = read(CASE % written, today=TODAY).cases
    assert case.quarantine == written.strip("'")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "'ambiguous, until 2027-01-30'",
            "the quarantine ended on 2027-01-30. Mend the case, drop it, or set a new day",
        ),
        ("'ambiguous, until 31.01.2027'", "'31.01.2027' is no day. Write: until YYYY-MM-DD"),
        ("'ambiguous, until 2027-02-30'", "'2027-02-30' is no day. Write: until YYYY-MM-DD"),
        ("'ambiguous, until 31 January'", "'31 January' is no day. Write: until YYYY-MM-DD"),
        ("2027-02-01", "quarantine is '2027-02-01': a reason is needed, such as 'ambiguous, until 2027-01-31'"),
        ("'until 2027-02-01'", "quarantine is 'until 2027-02-01': a reason is needed, such as 'ambiguous, until "),
        ("true", "quarantine is true: text is needed; put it in quotes"),
        ("''", "quarantine is empty. Write it, or leave the key out"),
    ],
)
def test_mistakes(mistakes, written, said):
    """Each is told with its place."""
    (found,) = mistakes(CASE % written, today=TODAY)
    assert found.startswith(f"3:44: {said}")
