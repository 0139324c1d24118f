"""Wildcards match what a naive matcher does; one meaning has one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from blocklists.lists import blocked_by
from blocklists.patterns import FILLERS, NumberError, Pattern, dialable, parse
from store.database import Database
from store.tables import blocked_numbers
from store.types import now
from tests.builders import FACILITY, PERSON

AREA = "212"
# Few digits, so that numbers and patterns meet.
near = st.text(st.sampled_from("057"), min_size=7, max_size=7)
numbers = near.map(lambda rest: f"+1{AREA}{rest}")


@st.composite
def wildcards(draw: st.DrawFn) -> str:
    """A pattern of an area code as somebody may write it."""
    fixed = draw(st.text(st.sampled_from("057?"), min_size=7, max_size=7))
    length = draw(st.integers(0, 7))
    body = fixed[:length] + "*" if draw(st.booleans()) else fixed
    return f"+1{AREA}{body}" if "?" in body or "*" in body else f"+1{AREA}{body[:6]}?"


def naive(pattern: str, number: str) -> bool:
    """Character by character."""
    if pattern.startswith("*"):
        return True
    if not pattern or not number:
        return pattern == number
    return pattern[0] in ("?", number[0]) and naive(pattern[1:], number[1:])


def test_wildcards_match_as_a_naive_matcher_does(database: Database) -> None:
    @settings(max_examples=30)
    @given(st.lists(wildcards(), min_size=1, max_size=4), st.lists(numbers, min_size=1, max_size=6))
    def agree(patterns: list[str], called: list[str]) -> None:
        with database.engine.connect() as connection:
            rows = [_row(parse_any(one)) for one in patterns]
            connection.execute(blocked_numbers.insert(), rows)
            for number in called:
                found = connection.execute(select(blocked_by(number, FACILITY, PERSON, now())))
                assert (found.scalar_one() is not None) is any(
                    naive(one, number) for one in patterns
                ), (patterns, number)
            connection.rollback()

    agree()


def parse_any(written: str) -> Pattern:
    """The pattern; what is one number after all may be one that isn't dialled."""
    try:
        return parse(written)
    except NumberError:
        return Pattern(written.rstrip("*"))


def _row(pattern: Pattern) -> dict[str, object]:
    return {**pattern.columns(), "cause": "facility", "actor": "test", "at": now(), "note": ""}


@given(wildcards())
def test_a_patterns_own_spelling_means_itself(written: str) -> None:
    once = parse_any(written)
    if not once.exact:
        assert parse(once.number) == once


@pytest.mark.parametrize(
    ("spellings", "kept"),
    [
        (("+1212555????", "212-555-????", "(212) 555*", "1 212 555 ???*"), "+1212555*"),
        (("+1212*", "212*", "1-212-???-????", "(212) ???????"), "+1212*"),
        (("+12125?50100", "(212) 5?5-0100"), "+12125?50100"),
        (("2125550100*", "(212) 555-0100"), "+12125550100"),
        (("1900*", "+1 900 *"), "+1900*"),
    ],
)
def test_one_meaning_has_one_spelling(spellings: tuple[str, ...], kept: str) -> None:
    assert {parse(one).number for one in spellings} == {kept}


@pytest.mark.parametrize(
    "written",
    [
        "*",
        "?",
        "+1*",
        "+1?1?5550100",
        "21*",
        "212*5550100",
        "+44*",
        "2125550?",
        "212555?????",
        "?12*",
    ],
)
def test_what_is_no_pattern_is_refused(written: str) -> None:
    with pytest.raises(NumberError, match=r"after the area code"):
        parse(written)


@given(st.integers(100, 199), st.sampled_from(["", "1", "+1"]), st.data())
def test_every_spelling_is_one_number(line: int, country: str, data: st.DataObject) -> None:
    keys = f"{country}2125550{line}"
    filler = st.text(st.sampled_from(FILLERS), max_size=2)
    written = "".join(data.draw(filler) + key for key in keys) + data.draw(filler)
    number = dialable(written)
    assert number == f"+12125550{line}"
    assert dialable(number) == number


@pytest.mark.parametrize(
    ("keys", "kept"),
    [("+12125550100", ("+12125550100", "+12125550100")), ("+1212*", ("+1212", "+1212%"))],
)
def test_what_is_written_beside_a_pattern(keys: str, kept: tuple[str, str]) -> None:
    columns = parse(keys).columns()
    assert (columns["stem"], columns["pattern"]) == kept
