"""Each guard tells apart what has another answer, and lets pass what only words it otherwise."""

from __future__ import annotations

import pytest

from pytest_llmcost.domain.semantic import GUARD_NAMES
from pytest_llmcost.strategies.semantic.guards import GUARDS, told_apart

APART = {
    "numbers": [
        ("Boil 5 eggs", "Boil 6 eggs"),
        ("a dozen eggs", "two dozen eggs"),
        ("two hundred and five", "two hundred"),
        ("half a million", "a million"),
        ("one and a half cups", "half a cup"),
        ("Python 3.1", "Python 3.10"),
        ("at -5 degrees", "at 5 degrees"),
        ("the second chapter", "the third chapter"),
        ("twenty-five", "twenty"),
        ("gates twenty and five", "gates twenty-five"),
        ("a table for two thousand and twelve", "a table for two thousand"),
    ],
    "dates": [
        ("open on Monday", "open on Sunday"),
        ("at 10 am", "at 10 pm"),
        ("in May", "in March"),
        ("open", "open tomorrow"),
        ("last week", "next week"),
        ("in the fall", "in the winter"),
        ("by 2026-04-15", "by 2026-06-15"),
        ("the 5th century BC", "the 5th century AD"),
    ],
    "units": [
        ("20 kg", "20 lb"),
        ("40 °C", "40 °F"),
        ("€5", "$5"),
        ("10 mW", "10 MW"),
        ("20 m", "20 m²"),
        ("per night", "per week"),
        ("once a second", "once a minute"),
        ("How many litres does it hold?", "How many gallons does it hold?"),
        ("What does it cost?", "What does it cost per month?"),
        ("60 mph", "60 km/h"),
    ],
    "negation": [
        ("Is it safe?", "Is it not safe?"),
        ("refundable", "non-refundable"),
        ("Is it edible?", "Is it inedible?"),
        ("foods to take", "foods to avoid"),
        ("with milk", "without milk"),
        ("I need help", "I hardly need help"),
        ("careful", "careless"),
        ("bread with sugar", "sugar-free bread"),
        ("Why can't I log in?", "Why can I log in?"),
        ("Don't send it", "Send it"),
        ("It isn't unsafe", "It is unsafe"),
    ],
    "opposites": [
        ("before lunch", "after lunch"),
        ("It closed", "It opens"),
        ("overactive", "underactive"),
        ("encrypt", "decrypt"),
        ("ascending", "descending"),
        ("turn it on", "turn it off"),
    ],
    "amounts": [("all of them", "some of them"), ("every day", "every other day"), ("Must I go?", "May I go?")],
    "names": [
        ("the capital of Niger", "the capital of Nigeria"),
        ('the folder "Drafts"', 'the folder "Sent"'),
        ("US law", "UK law"),
        ("written in C", "written in C++"),
        ("Ask Ann", "Ask"),
    ],
    "order": [
        ("from Rome to Oslo", "from Oslo to Rome"),
        ("Fly from Rome to Oslo today", "A flight from Oslo to Rome, if there is one today"),
        ("Did Spain beat Italy?", "Did Italy beat Spain?"),
        ("Can my landlord sue me?", "Can I sue my landlord?"),
        ("Who did the mayor accuse?", "Who accused the mayor?"),
        ("12 from 30", "30 from 12"),
    ],
    "code": [
        ("`git reset --soft`", "`git reset --hard`"),
        ("a == b", "a != b"),
        ("the variable userId", "the variable userID"),
        ("os.path", "os.environ"),
        ("x[1:]", "x[:1]"),
        ("rm -r build", "rm -rf build"),
        ("2 + 3", "2 * 3"),
        ("`Order`", "`order`"),
    ],
    "words": [("the blue jacket", "the green jacket"), ("May a dog eat salt?", "May a cat eat salt?")],
}

ALIKE = [
    ("Boil twenty-five eggs", "Boil 25 eggs"),
    ("two hundred and five", "205"),
    ("gate 06", "gate 6"),
    ("$5.00", "$5"),
    ("1.5 million euros", "€1,500,000"),
    ("half a million", "500,000"),
    ("2 dozen eggs", "24 eggs"),
    ("a pill", "one pill"),
    ("once per second", "once a second"),
    ("on 3 March", "on March 3rd"),
    ("2026-05-04", "May 4, 2026"),
    ("May I go in May?", "may i go in may?"),
    ("at 10 a.m.", "at 10am"),
    ("20 kg", "20 kilograms"),
    ("20 m²", "20 square metres"),
    ("40 °C", "40 degrees Celsius"),
    ("30% off", "30 per cent off"),
    ("60 km/h", "60 kilometres per hour"),
    ("Is it unsafe?", "Is it not safe?"),
    ("I am unable to log in", "I am not able to log in"),
    ("It is impossible", "It is not possible"),
    ("Isn't breakfast included?", "Is breakfast included?"),
    ("I can\u2019t log in", "I cannot log in"),
    ("In Excel, how do I sort?", "How do I sort in Excel?"),
    ("butter or margarine", "margarine or butter"),
    ("Fly from Oslo to Rome", "A flight to Rome from Oslo"),
    ("update my iPhone", "Update my iphone"),
    ("HOW DO I TRACK MY ORDER?", "How do I track my order?"),
    ("the sender's name", "the senders name"),
    ("Delete my account", "Remove my account"),
    ("a two-year-old", "a 2-year-old"),
    ("", ""),
]


@pytest.mark.parametrize(
    ("guard", "first", "second"), [(guard, *pair) for guard, pairs in APART.items() for pair in pairs]
)
def test_a_guard_tells_apart_what_has_another_answer(guard: str, first: str, second: str) -> None:
    assert told_apart(first, second, [guard]) == guard
    assert told_apart(second, first, [guard]) == guard


@pytest.mark.parametrize(("first", "second"), ALIKE)
def test_what_is_only_worded_otherwise_passes(first: str, second: str) -> None:
    assert told_apart(first, second) is None


def test_how_many_hours_is_how_long_but_not_how_many_days() -> None:
    hours = "How many hours should I sleep?"
    assert told_apart(hours, "How long should I sleep?", ["units"]) is None
    assert told_apart(hours, "How many days should I sleep?", ["units"]) == "units"


def test_a_fall_is_no_season_where_something_falls() -> None:
    assert told_apart("the fall of Rome", "the collapse of Rome", ["dates"]) is None


def test_each_guard_is_shown_above() -> None:
    assert tuple(APART) == GUARDS == GUARD_NAMES  # (suites call them by the latter)


def test_a_guard_that_is_switched_off_tells_nothing_apart() -> None:
    assert told_apart("5 blue eggs", "6 blue eggs", [name for name in GUARDS if name != "numbers"]) is None
