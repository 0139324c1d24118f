"""A deck loads whole or not at all, and says where it is wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating import deckfile
from rating.deckcheck import DeckRefused, check
from rating.terms import FacilityTerms
from rating.tomlrows import DeckError
from tests.rating import world

KNOWN = {one.id: one for one in world.FACILITIES}
RATE = """name = "x"
[[rate]]
facility = "medium"
effective_from = 2026-04-06
base = "0.08"
citation = "Contract 17"
"""
NEXT = """[[rate]]
facility = "medium"
effective_from = {first}
base = "0.08"
citation = "Contract 18"
"""


def test_the_whole_deck_loads() -> None:
    deck = deckfile.parse("test.toml", world.DECK)
    counted = (deck.rates, deck.state_caps, deck.adps, deck.terminations, deck.waivers, deck.free)
    assert [len(rows) for rows in counted] == [3, 1, 1, 2, 1, 1]
    assert len(deck.rates[0].bands) == 2
    assert deck.version.startswith("test+")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "d.toml:1: TOML"),
        ("", "d.toml:1: name: is missing"),
        (RATE.replace('base = "0.08"', "base = 0.08"), "d.toml:5: base: an amount in quotes"),
        (RATE.replace("0.08", "-0.08"), "d.toml:5: base: -0.08 is negative"),
        (RATE.replace("0.08", "0.08001"), "d.toml:5: base: 0.08001 has more than four"),
        (RATE.replace("0.08", "NaN"), "d.toml:5: base"),
        (RATE.replace("0.08", "eight"), "d.toml:5: base: 'eight' isn't an amount"),
        (RATE.replace("0.08", "11"), r"d.toml:5: base: 11 is above \$10"),
        (RATE.replace("2026-04-06", '"soon"'), "d.toml:4: effective_from: a date is needed"),
        (RATE + "connection_fee = 1\n", "d.toml:7: connection_fee: isn't a field"),
        (RATE + 'jurisdiction = "mars"\n', "d.toml:7: jurisdiction: 'mars' isn't one of"),
        (RATE + "increment_s = 0\n", "d.toml:7: increment_s: a whole number from 1"),
        (RATE + "effective_to = 2026-01-01\n", "d.toml:7: effective_to: 2026-01-01 lies before"),
        (RATE.replace('citation = "Contract 17"\n', ""), "d.toml:2: citation: is missing"),
        (RATE + NEXT.format(first="2027-01-01"), "d.toml:9: effective_from: overlaps"),
        (
            RATE + "effective_to = 2026-12-31\n" + NEXT.format(first="2027-01-02"),
            "d.toml:10: effective_from: leaves a gap after 2026-12-31",
        ),
        (
            RATE + '[[rate.band]]\nfrom="07:00"\nto="19:00"\nbase="0.05"\n'
            '[[rate.band]]\nfrom="18:59"\nto="20:00"\nbase="0.05"\n',
            "d.toml:12: from: overlaps an earlier band",
        ),
        (RATE + '[[rate.band]]\nfrom="7"\nto="19:00"\nbase="0.05"\n', "d.toml:8: from: '7' isn't"),
        (
            'name = "x"\n[[adp]]\nfacility = "medium"\nyear = 2025\nadp = "3"\n'
            "effective_from = 2026-05-01\n",
            "d.toml:6: effective_from: the ADP of 2025 takes effect by 2026-04-30",
        ),
        (
            'name = "x"\n[[termination]]\nprefix = "52"\nquarter = "2026Q5"\ncost = "0.01"\n',
            "d.toml:4: quarter: '2026Q5' isn't a quarter",
        ),
        (
            'name = "x"\n' + '[[adp]]\nfacility = "medium"\nyear = 2025\nadp = "3"\n' * 2,
            "d.toml:8: year: medium has two figures for 2025",
        ),
        (f'name = "{"x" * 61}"', "d.toml:1: name: a name of at most 60"),
    ],
)
def test_a_bad_deck_says_where(text: str, message: str) -> None:
    with pytest.raises(DeckError, match=message):
        deckfile.parse("d.toml", text)


@given(st.text() | st.text().map(lambda text: f'name = "x"\n[[rate]]\n{text}'))
def test_whatever_the_file_says(text: str) -> None:
    """A deck, or one error that begins with file and line."""
    with suppress(DeckError):
        deckfile.parse("d.toml", text)


amounts = st.text() | st.decimals().map(str) | st.floats().map(str)


@given(amounts, amounts, st.dates().map(str) | st.text(), st.text(max_size=3))
def test_whatever_a_row_says(base: str, share: str, day: str, band: str) -> None:
    quoted = [json.dumps(word) for word in (base, share, band)]
    text = (
        f'name = "x"\n[[rate]]\nbase = {quoted[0]}\neffective_from = {day}\ncitation = "c"\n'
        f'[[rate.band]]\nfrom = {quoted[2]}\nto = "12:00"\nbase = {quoted[0]}\n'
        f'[[tax]]\ncode = "c"\njurisdiction = "NY"\nauthority = "a"\n'
        f"effective_from = {day}\nrate = {quoted[1]}\n"
    )
    with suppress(DeckError):
        deckfile.parse("d.toml", text)


TAX = """[[tax]]
code = "{code}"
jurisdiction = "NY"
authority = "fictitious"
effective_from = 2026-01-01
rate = "0.04"
event = "{event}"
accounts = "{accounts}"
"""


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (("b", "deposit", "prepaid"), "would tax a prepaid account's deposit and its calls"),
        (("a", "call", "prepaid"), "a would be charged twice"),
    ],
)
def test_nothing_is_taxed_twice(second: tuple[str, str, str], message: str) -> None:
    words = ("code", "event", "accounts")
    tables = [
        TAX.format(**dict(zip(words, row, strict=True))) for row in (("a", "call", "all"), second)
    ]
    with pytest.raises(DeckError, match=message):
        deckfile.parse("d.toml", 'name = "x"\n' + "".join(tables))


def test_a_band_of_the_whole_day_and_one_past_midnight_do_not_meet() -> None:
    bands = (
        '[[rate.band]]\ndays=["sat"]\nfrom="00:00"\nto="24:00"\nbase="0.05"\n'
        '[[rate.band]]\ndays=["sun"]\nfrom="22:00"\nto="06:00"\nbase="0.05"\n'
    )
    assert len(deckfile.parse("d.toml", RATE + bands).rates[0].bands) == 2
    with pytest.raises(DeckError, match="overlaps"):
        deckfile.parse("d.toml", RATE + bands.replace('"sun"', '"fri"'))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            RATE.replace("0.08", "0.11"),
            r"d.toml:\d+: base: medium, intrastate audio calls from 2026-04-06: "
            r"base \$0.11 a minute is above \$0.10: 15 minutes would cost \$1.65, at most \$1.50 "
            r"is lawful \(federal cap, FCC 25-75; 90 FR 56013\)",
        ),
        (RATE + 'additive = "0.03"\n', r"additive \$0.03 a minute is above \$0.02"),
        (
            RATE + '[[rate.band]]\nfrom="07:00"\nto="19:00"\nbase="0.12"\n',
            r"base \$0.12 a minute is above",
        ),
        (RATE.replace("medium", "nowhere"), r"d.toml:\d+: facility: unknown facility 'nowhere'"),
        (RATE.replace('"medium"', '"*"').replace("0.08", "0.09"), "large, intrastate audio"),
    ],
)
def test_a_deck_that_breaks_a_cap_is_refused(text: str, message: str) -> None:
    with pytest.raises(DeckRefused, match=message):
        check(deckfile.parse("d.toml", text), KNOWN, "d.toml")


def test_a_refusal_names_the_line() -> None:
    second = (
        RATE
        + RATE.replace("0.08", "0.11").replace("2026-04-06", "2030-01-01").partition("[[rate]]")[1]
        + RATE.replace("0.08", "0.11").partition("[[rate]]")[2].replace("medium", "nowhere")
    )
    at = second.splitlines().index('facility = "nowhere"') + 1
    with pytest.raises(DeckRefused, match=f"d.toml:{at}: facility: unknown"):
        check(deckfile.parse("d.toml", second), KNOWN, "d.toml")


def test_a_lawful_deck_passes() -> None:
    check(deckfile.parse("d.toml", RATE), KNOWN)


def test_a_tier_that_changes_later_counts() -> None:
    """Lawful for a medium jail today, not for the large one it becomes."""
    text = RATE.replace("0.08", "0.10") + (
        '[[adp]]\nfacility = "medium"\nyear = 2026\nadp = "1200"\n'
    )
    with pytest.raises(DeckRefused, match="from 2027-04-30: base"):
        check(deckfile.parse("d.toml", text), KNOWN)


def test_a_defaults_own_facility_row_stands_in_front() -> None:
    text = RATE.replace('"medium"', '"*"').replace("0.08", "0.10") + NEXT.format(
        first="2026-04-06"
    ).replace("medium", "large")
    large = {"large": FacilityTerms("large", "jail", Decimal(1500), "America/Chicago", "TX")}
    check(deckfile.parse("d.toml", text), large)
