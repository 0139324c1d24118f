"""Phones, trunks and hotlines as staff keep them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.lines import hotlines, phones, shared, trunks
from custody.lines.hotlines import HotlineKind
from custody.lines.phones import Phone
from custody.lines.trunks import Trunk
from custody.places import PlaceError
from store.database import Database
from store.tables import facilities
from tests.builders import FACILITY, MORNING, PHONE, build_jail

WHO = ("officer", MORNING)
WHY = ("officer", "repair", MORNING)
CRISIS = (HotlineKind.CRISIS, "Crisis line", *WHO)


@pytest.fixture
def jail(database: Database) -> Database:
    build_jail(database)
    return database


def test_a_phone_is_added_changed_and_switched_and_all_is_kept(jail: Database) -> None:
    with jail.begin() as connection:
        first = phones.add_phone(connection, Phone("wing-a", FACILITY), *WHO)
        change = Phone("wing-a", FACILITY, None, "By the door", "tls", True, "g722", "10.0.0.7")
        phones.change_phone(connection, change, *WHY)
        second = phones.new_password(connection, "wing-a", *WHY)
        phones.switch_phone(connection, "wing-a", False, *WHY)
        row = phones.find_phone(connection, "wing-a")
        kept = shared.orders(connection, "phone", "wing-a")
    assert first != second == row.sip_password
    assert (row.label, row.transport, row.addresses) == ("By the door", "tls", "10.0.0.7/32")
    assert (row.encrypts, row.active) == (True, False)
    assert [one.kind for one in kept] == ["add", "change", "password", "off"]
    assert {one.actor for one in kept} == {"officer"}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"id": "a b"}, "letters, digits"),
        ({"id": PHONE}, "exists already"),
        ({"facility_id": "nowhere"}, "no facility"),
        ({"unit_id": "nowhere"}, "no unit"),
        ({"transport": "ws"}, "no transport"),
        ({"encrypts": True}, "SRTP needs"),
        ({"codecs": ""}, "no codec"),
        ({"codecs": "ulaw,opus"}, "no codec"),
        ({"codecs": "ulaw,ulaw"}, "each codec once"),
        ({"addresses": "10.0.0.7/8"}, "no IPv4"),
        ({"addresses": "somewhere"}, "no IPv4"),
        ({"label": "a\nb"}, "one line"),
    ],
)
def test_a_wrong_phone_is_refused(jail: Database, wrong: dict[str, object], why: str) -> None:
    new = replace(Phone("wing-a", FACILITY), **wrong)  # type: ignore[arg-type]
    with jail.begin() as connection, pytest.raises(PlaceError, match=why):
        phones.add_phone(connection, new, *WHO)


def test_trunks_are_tried_by_priority_and_those_in_service_only(jail: Database) -> None:
    with jail.begin() as connection:
        assert trunks.in_service(connection) is None
        for name, priority in (("spare", 20), ("main", 1), ("old", 5)):
            trunks.add_trunk(connection, Trunk(name, "sip.example", priority=priority), *WHO)
        trunks.switch_trunk(connection, "old", False, *WHY)
        tried = [row.id for row in trunks.in_service(connection) or ()]
        for name in ("spare", "main"):
            trunks.switch_trunk(connection, name, False, *WHY)
        # Not the settings' one: somebody took these out of use.
        assert trunks.in_service(connection) == []
    assert tried == ["main", "spare"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"id": "a.b"}, "letters, digits"),
        ({"host": "a;b"}, "host's name"),
        ({"port": 0}, "port"),
        ({"password": "x"}, "needs a user name"),
        ({"username": "a b"}, "user name"),
        ({"username": "a", "password": "a\nb"}, "password"),
        ({"priority": -1}, "priority"),
        ({"capacity": 0}, "capacity"),
        ({"facility_id": "nowhere"}, "no facility"),
    ],
)
def test_a_wrong_trunk_is_refused(jail: Database, wrong: dict[str, object], why: str) -> None:
    new = replace(Trunk("main", "sip.example"), **wrong)  # type: ignore[arg-type]
    with jail.begin() as connection, pytest.raises(PlaceError, match=why):
        trunks.add_trunk(connection, new, *WHO)


@pytest.mark.parametrize("code", ["1", "1234567", "*12", "911", ""])
def test_a_hotlines_code_is_two_to_six_digits_and_no_emergency(jail: Database, code: str) -> None:
    with jail.begin() as connection, pytest.raises(PlaceError, match="2 to 6 digits"):
        hotlines.add_hotline(connection, FACILITY, code, "+12025550143", *CRISIS)


def test_a_hotline_is_its_facilitys_and_once(jail: Database) -> None:
    with jail.begin() as connection:
        place = connection.execute(facilities.select()).one()._mapping
        connection.execute(facilities.insert(), {**place, "id": "riverside"})
        phones.add_phone(connection, Phone("river-1", "riverside"), *WHO)
        hotlines.add_hotline(connection, FACILITY, "711", "+12025550143", *CRISIS)
        assert hotlines.reaches(connection, PHONE, "711")
        assert not hotlines.reaches(connection, "river-1", "711")
        with pytest.raises(PlaceError, match="already"):
            hotlines.add_hotline(connection, FACILITY, "711", "+12025550144", *CRISIS)
        hotlines.switch_hotline(connection, FACILITY, "711", False, *WHY)
        assert not hotlines.reaches(connection, PHONE, "711")
        kept = shared.orders(connection, "hotline", f"{FACILITY}/711")
        with pytest.raises(PlaceError, match="no hotline"):
            hotlines.switch_hotline(connection, "riverside", "711", True, *WHY)
    assert [one.kind for one in kept] == ["add", "off"]


def test_a_hotlines_call_is_kept_once_and_of_our_own_phones_only(jail: Database) -> None:
    row: dict[str, object] = {"id": "1.1", "phone_id": PHONE, "code": "711", "outcome": "answer"}
    row |= {"number": "+12025550143", "trunk_id": "main", "began_at": MORNING, "ended_at": MORNING}
    with jail.begin() as connection:
        assert hotlines.keep_call(connection, {**row, "talk_ms": 5000})
        assert hotlines.keep_call(connection, {**row, "talk_ms": 6000})
        assert not hotlines.keep_call(connection, {**row, "phone_id": "stranger", "talk_ms": 1})
        (kept,) = hotlines.calls_of(connection, FACILITY)
    assert (kept.talk_ms, kept.trunk_id) == (5000, "main")


@given(st.text(max_size=20))
def test_whatever_is_taken_for_an_address_is_one(text: str) -> None:
    try:
        taken = shared.network(text)
    except PlaceError:
        return
    assert shared.network(taken) == taken
    assert set(taken) <= set("0123456789./")


SPELLINGS = ["2025550143", "12025550143", "+12025550143", "(202) 555-0143", "+1 202.555.0143"]


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_spelling_is_one_number(text: str) -> None:
    assert hotlines.number_of(text) == "+12025550143"


@pytest.mark.parametrize("text", ["", "911", "12", "20255501430", "+0123456789", "555-0143", "x"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(PlaceError, match="no number"):
        hotlines.number_of(text)


def test_toll_free_short_and_foreign_numbers_are() -> None:
    numbers = ["+18005550143", "988", "+442079460000"]
    assert [hotlines.number_of(one) for one in numbers] == numbers
