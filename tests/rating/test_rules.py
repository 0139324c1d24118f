"""Every row of the caps file at its edges, published prices, and one row for each rule."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rating import caps, deckfile
from rating.caps import Cap, CapError
from rating.deck import Band, ContractRate, Deck
from rating.engine import NoRate, NumberError, affordable_seconds, charge, quote, quote_kind
from rating.rules import book, terms_on
from rating.taxes import TaxTable, deposit_lines
from rating.terms import CallKind, FacilityTerms
from rating.timeline import at as at_index
from rating.timeline import midnight, timeline
from tests.rating import world

JAIL = FacilityTerms("demo", "jail", Decimal("412.5"), "America/Chicago", "TX")
MINE = world.FACILITIES[0]
LOCAL = "+15125550123"
CENT = Decimal("0.01")


def cents(number: str, at: datetime, seconds: int = 900, **how: object) -> list[int]:
    terms = quote(MINE, number, at, prices=world.prices(), **how)  # type: ignore[arg-type]
    return [line.cents for line in charge(terms, seconds).lines]


@pytest.mark.parametrize("row", caps.federal().rows, ids=lambda r: f"{r.first} {r.tier} {r.medium}")
def test_every_cap_at_its_edges(row: Cap) -> None:
    kind = "prison" if row.tier in ("prison", "any_collect") else "jail"
    collect = row.tier == "any_collect"
    scope = "interstate" if row.jurisdiction == "all" else row.jurisdiction

    def found(on: date, adp: Decimal) -> Cap | None:
        return caps.federal().find(on, row.medium, kind, adp, scope, collect)

    low, last = Decimal(row.adp_min), row.last or date(2099, 1, 1)
    for on in (row.first, last):
        assert found(on, low) == row
        if row.adp_below is not None:
            assert found(on, row.adp_below - CENT) == row
            assert found(on, Decimal(row.adp_below)) != row
        if row.adp_min:
            assert found(on, low - CENT) != row
    if row.last:
        assert found(last + timedelta(days=1), low) != row
    if row.first > caps.federal().first_day:
        assert found(row.first - timedelta(days=1), low) != row


def printed() -> list[dict[str, str]]:
    """The caps file as it stands, read by nothing of ours."""
    file = Path(caps.__file__).parent / "data" / "fcc_caps.csv"
    with file.open(newline="", encoding="utf-8") as text:
        return list(csv.DictReader(text.readlines()[1:]))


@pytest.mark.parametrize(
    "row", printed(), ids=lambda r: f"{r['effective_from']} {r['facility_type']} {r['medium']}"
)
def test_every_cap_is_the_price_at_its_edges(row: dict[str, str]) -> None:
    """Fifteen minutes cost the printed cap on both boundary days and at both boundary ADPs."""
    where = row["jurisdiction"]
    scopes = ("intrastate", "interstate", "international") if where == "all" else (where,)
    account = "traditional_collect" if row["facility_type"] == "any_collect" else "prepaid_collect"
    populations = (row["adp_min"], f"{row['adp_max']}.99" if row["adp_max"] else "60000")
    days = (row["effective_from"], row["effective_to"] or "2099-12-31")
    for scope, adp, day in product(scopes, populations, days):
        place = "jail" if "jail" in row["facility_type"] else "prison"
        facility = FacilityTerms("any", place, Decimal(adp), "America/Chicago", "TX")  # type: ignore[arg-type]
        kind = CallKind(scope, row["medium"], account_type=account)  # type: ignore[arg-type]
        # From the day's first second to its last.
        first = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(facility.timezone))
        for at in (first, first + timedelta(hours=23, minutes=44, seconds=59)):
            terms = quote_kind(facility, kind, at)
            assert charge(terms, 900).total_cents == Decimal(row["cap_usd_per_min"]) * 15 * 100
            assert terms.additive_cap_e4 == Decimal(row["additive_usd_per_min"]) * 10_000


@pytest.mark.parametrize(
    ("facility_type", "adp", "medium", "base", "both"),
    [
        ("prison", "0", "audio", 135, 165),
        ("jail", "1000", "audio", 120, 150),
        ("jail", "999.99", "audio", 150, 180),
        ("jail", "349", "audio", 165, 195),
        ("jail", "99.5", "audio", 195, 225),
        ("jail", "49.9", "audio", 255, 285),
        ("prison", "0", "video", 345, 375),
        ("jail", "1000", "video", 255, 285),
        ("jail", "350", "video", 255, 285),
        ("jail", "100", "video", 285, 315),
        ("jail", "50", "video", 345, 375),
        ("jail", "0", "video", 630, 660),
    ],
)
def test_fifteen_minutes_by_the_published_totals(
    facility_type: caps.FacilityType, adp: str, medium: caps.Medium, base: int, both: int
) -> None:
    """90 FR 56013: fifteen minutes at the cap, and at the cap with the whole additive."""
    facility = FacilityTerms("any", facility_type, Decimal(adp), "America/Chicago", "TX")
    at = datetime(2026, 6, 1, tzinfo=UTC)
    terms = quote(facility, LOCAL, at, medium=medium)
    assert charge(terms, 900).total_cents == base
    assert terms.cap_e4 is not None
    assert terms.additive_cap_e4 is not None
    assert (terms.cap_e4 + terms.additive_cap_e4) * 900 // 6000 == both


@pytest.mark.parametrize(
    ("account", "total"), [("traditional_collect", 375), ("inmate_debit", 315)]
)
def test_fifteen_minutes_by_the_caps_of_2014(account: str, total: int) -> None:
    """47 CFR 64.6030 (2014): $3.75 collect, $3.15 debit and prepaid."""
    kind = CallKind("interstate", account_type=account)  # type: ignore[arg-type]
    terms = quote_kind(JAIL, kind, datetime(2015, 1, 1, tzinfo=UTC))
    assert charge(terms, 900).total_cents == total


def test_a_tier_is_dated() -> None:
    """The ADP of 2025 takes effect on April 30 (64.6000), at the facility's own midnight."""
    large = FacilityTerms("large", "jail", Decimal(1000), "America/Chicago", "TX")
    may = datetime(2026, 4, 30, 5, tzinfo=UTC)
    tiers = [
        quote(large, LOCAL, at, prices=world.prices()).tier
        for at in (may - timedelta(seconds=1), may)
    ]
    assert tiers == ["large_jail", "medium_jail"]


def test_bands_and_a_call_across_one() -> None:
    """0.08 by day, 0.055 from 19:00: a minute before and two after."""
    evening = datetime(2026, 6, 2, 18, 59, tzinfo=ZoneInfo("America/Chicago"))
    assert cents("+12125550123", evening, 60)[0] == 8
    assert cents("+12125550123", evening, 180)[0] == 19
    assert cents("+12125550123", evening + timedelta(minutes=1), 120)[0] == 11


@pytest.mark.parametrize(
    ("wall", "fold", "seconds", "base"),
    [
        # Spring: 02:00 becomes 03:00. One hour at night, then the band of Sunday's day at 07:30.
        ("2026-03-08T01:30", 0, 5 * 3600, 5 * 60 * 5.5),
        # Autumn: 01:00 to 02:00 comes twice, so the night lasts an hour longer.
        ("2026-11-01T01:30", 0, 7 * 3600, 7 * 60 * 5.5),
        ("2026-11-01T01:30", 1, 7 * 3600, 6 * 60 * 5.5 + 60 * 6.25),
    ],
)
def test_daylight_saving(wall: str, fold: int, seconds: int, base: float) -> None:
    at = datetime.fromisoformat(wall).replace(fold=fold, tzinfo=ZoneInfo("America/Chicago"))
    deck = world.DECK.replace("2026-04-06\nbase", "2025-04-06\nbase")
    terms = quote_kind(MINE, CallKind("interstate"), at, prices=book(deckfile.parse("dst", deck)))
    assert charge(terms, seconds).lines[0].cents == int(base)


def test_a_minimum_never_lifts_a_short_call_above_the_cap() -> None:
    """The deck counts 30 seconds at 0.12; the cap of 0.17 allows 4 seconds one cent."""
    tiny = world.FACILITIES[1]
    at = datetime(2026, 6, 2, 17, tzinfo=UTC)
    terms = quote(tiny, LOCAL, at, prices=world.prices())
    base = [charge(terms, seconds).lines[0].cents for seconds in (0, 3, 4, 21, 22, 30, 31)]
    assert base == [0, 0, 1, 5, 6, 6, 7]
    additive = [charge(terms, seconds).lines[1].cents for seconds in (29, 30, 59, 60)]
    assert additive == [0, 1, 1, 2]


def test_a_state_cap_limits_the_additive_too() -> None:
    deck = world.DECK + (
        '[[rate]]\nfacility = "large"\neffective_from = 2026-04-06\nbase = "0.06"\n'
        'additive = "0.02"\ncitation = "c"\n'
    )
    large = world.FACILITIES[2]
    prices = book(deckfile.parse("x", deck))
    at = datetime(2026, 6, 2, 17, tzinfo=UTC)
    within, beyond = (quote(large, n, at, prices=prices) for n in ("+12135550123", LOCAL))
    assert (within.additive_e4, beyond.additive_e4) == (100, 200)


minutes = st.integers(0, 24 * 60 - 1)
CHANGES_OF_CLOCKS = (date(2026, 3, 8), date(2026, 11, 1), date(2026, 6, 2))


@given(
    minutes | st.integers(55, 185),
    minutes | st.integers(55, 185),
    st.sets(st.integers(0, 6), min_size=1),
    st.sampled_from(CHANGES_OF_CLOCKS),
)
def test_bands_hold_by_the_wall_clock_at_every_minute(
    start: int, end: int, days: set[int], day: date
) -> None:
    """Also on days with an hour twice or not at all, wherever in it a band begins or ends."""
    assume(start != end)
    band = Band(frozenset(days), start, end, 500)
    rate = ContractRate("*", "all", "all", date(2026, 1, 1), None, 600, 0, 1, 0, (band,), "c")
    zone = ZoneInfo("America/Chicago")
    prices = book(Deck("x", "x", "", (rate,)))
    changes = timeline(prices, JAIL, CallKind("interstate"), day, day)
    first = midnight(day, zone)
    for moment in range(first, midnight(day + timedelta(days=1), zone), 60):
        wall = datetime.fromtimestamp(moment, zone)
        expected = 500 if band.holds(wall.weekday(), wall.hour * 60 + wall.minute) else 600
        assert changes[at_index(changes, moment)][1].base_e4 == expected


def test_a_new_cap_splits_a_call_at_the_facilitys_midnight() -> None:
    midnight = datetime(2026, 4, 6, tzinfo=ZoneInfo("America/Chicago"))
    terms = quote(JAIL, "+12125550123", midnight - timedelta(minutes=5))
    assert (terms.base_e4, [p.base_e4 for p in terms.later]) == (2100, [1000])
    assert charge(terms, 900).total_cents == 5 * 21 + 10 * 10


def test_international_adds_the_termination_cost_of_the_quarter() -> None:
    """The average of 2026Q1 is used from May 1 to July 31; the longest prefix wins."""
    bases = {
        (number, month): quote(
            JAIL, number, datetime(2026, month, 2, tzinfo=UTC), prices=world.prices()
        ).base_e4
        for number in ("+525512345678", "+528112345678")
        for month in (5, 7, 8)
    }
    plain, mexico, city = 1000, 1000 + 123, 1000 + 77
    by_month = [bases["+528112345678", month] for month in (5, 7, 8)]
    assert by_month == [mexico, mexico, plain]
    assert bases["+525512345678", 5] == city


@pytest.mark.parametrize(
    ("call_class", "medium", "base"),
    [
        ("voice", "audio", 80),
        ("captioned", "audio", 80),
        ("asl_p2p", "video", 80),
        ("tty_tty", "audio", 20),
        ("trs_free", "video", 0),
    ],
)
def test_classes_of_call(call_class: str, medium: str, base: int) -> None:
    """47 CFR 64.6040, ten minutes by day on a weekday."""
    noon = datetime(2026, 6, 2, 17, tzinfo=UTC)
    assert cents("+12125550123", noon, 600, call_class=call_class, medium=medium)[0] == base


def test_free_numbers_say_why_and_last_as_long_as_they_may() -> None:
    at = datetime(2026, 6, 2, 17, tzinfo=UTC)
    for number, why in (("711", "64.6040"), ("+15125550100", "public defender")):
        terms = quote(MINE, number, at, prices=world.prices())
        assert why in terms.rule
        assert affordable_seconds(terms, 0, 3600) == 3600


def test_a_state_cap_binds_where_it_is_lower() -> None:
    facility = FacilityTerms("x", "jail", Decimal(1500), "America/Los_Angeles", "CA")
    at = datetime(2026, 6, 2, 17, tzinfo=UTC)
    within = quote(facility, "+12135550123", at, prices=world.prices())
    beyond = quote(facility, LOCAL, at, prices=world.prices())
    assert (within.base_e4, within.rule) == (700, "state cap, fictitious order 1")
    assert beyond.base_e4 == 800


def test_a_waiver_looks_at_the_caps_of_another_day() -> None:
    prison = world.FACILITIES[3]
    kind = CallKind("interstate")
    day = terms_on(world.prices(), prison, kind, date(2025, 2, 1)).otherwise
    assert (day.base_e4, day.cap_e4) == (1200, 1200)
    assert terms_on(world.prices(), prison, kind, date(2025, 4, 1)).otherwise.base_e4 == 600


def test_taxes_are_lines_of_their_own() -> None:
    noon = datetime(2026, 6, 2, 17, tzinfo=UTC)
    assert cents("+12125550123", noon, 900) == [120, 18, 51]  # 37 % of 138, rounded down
    assert cents(LOCAL, noon, 900) == [120, 18, 8]  # Texas: 6.25 %
    assert cents("+12125550123", noon, 900, account_type="direct_bill") == [120, 18, 51, 3]


def test_a_deposit_is_taxed_where_its_calls_are_not() -> None:
    table = TaxTable(world.prices().deck.taxes)
    on = date(2026, 6, 2)
    [(tax, share)] = deposit_lines(table, "NY", "prepaid_collect", 5000, on)
    assert (tax.code, share) == ("prepaid", 200)
    assert [t.code for t in table.on_call("intrastate", "NY", "prepaid_collect", on)] == []
    assert deposit_lines(table, "NY", "direct_bill", 5000, on) == ()


def test_a_quarter_without_a_known_factor_charges_none() -> None:
    assert cents("+12125550123", datetime(2026, 7, 2, 17, tzinfo=UTC), 900) == [120, 18]


def test_a_date_before_the_first_cap() -> None:
    with pytest.raises(CapError, match="before 2014-02-11"):
        quote(JAIL, LOCAL, datetime(2014, 2, 11, 5, 59, tzinfo=UTC))


def test_no_cap_and_no_contract() -> None:
    with pytest.raises(NoRate, match="no federal cap in force on intrastate audio calls"):
        quote(JAIL, LOCAL, datetime(2025, 8, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "number",
    [
        "",
        "+",
        "abc",
        "5125550123",
        "+1999555012",
        "+19995550123",
        "+1512555012x",
        "+٣٣٣٣٣٣٣٣",
        "+1" + "5" * 40,
    ],
)
def test_what_isnt_a_number(number: str) -> None:
    with pytest.raises(NumberError):
        quote(JAIL, number, datetime(2026, 6, 1, tzinfo=UTC))
