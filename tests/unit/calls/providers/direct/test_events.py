"""A stream's bytes, however they are cut, carry the same data."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.calls.providers.direct.events import EventReader

STREAM = """: hello

event: ping
id: 7
data: {"a": 1}

data:[DONE]\r
\r
data: über
data: lines

retry: 9

""".encode()
DATA = ['{"a": 1}', "[DONE]", "über\nlines"]


def read(*pieces: bytes) -> list[str]:
    reader = EventReader()
    return [data for piece in pieces for data in reader.feed(piece)] + list(reader.end())


@given(st.lists(st.integers(0, len(STREAM)), max_size=20).map(sorted))
def test_where_a_stream_is_cut_does_not_matter(places: list[int]) -> None:
    starts, ends = [0, *places], [*places, len(STREAM)]

    assert read(*(STREAM[start:end] for start, end in zip(starts, ends, strict=True))) == DATA


def test_an_event_is_given_as_soon_as_its_empty_line_is_there() -> None:
    reader = EventReader()

    assert list(reader.feed(b"data: a\n")) == []
    assert list(reader.feed(b"\ndata: b")) == ["a"]


def test_what_no_empty_line_ends_is_given_at_the_end_of_the_stream() -> None:
    assert read(b"data: [DONE]") == ["[DONE]"]
    assert read(b"data: a\n\n") == ["a"]
    assert read() == []
