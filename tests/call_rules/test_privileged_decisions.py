"""Thousands of decisions about hundreds of privileged numbers: none may be recorded."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from accounts import prepaid
from accounts.prepaid import LARGEST_DEPOSIT_CENTS
from blocklists.privilege.registry import Entry, lift, register
from calls.decision import authorize
from calls.states import State
from store.database import Database
from store.tables import calls, facilities
from tests.builders import FACILITY, MORNING, OTHER_PERSON, PERSON, PHONE, build_jail, pay_in

DAY = timedelta(days=1)
AREAS = ("513", "202", "614", "305", "415")
NUMBERS = [f"{area}555{line:04}" for area in AREAS for line in range(100, 200)]
SCOPES: tuple[dict[str, Any], ...] = (
    {},
    {"facility_id": FACILITY},
    {"person_id": PERSON},
    {"facility_id": "elsewhere"},
)


def privileged(number: str, person: str) -> bool:
    """What the entry that :func:`fill` makes of this number says, told without the registry."""
    kind = NUMBERS.index(number) % len(SCOPES)
    return kind in (0, 1) or (kind == 2 and person == PERSON)


def fill(database: Database) -> None:
    """500 numbers, of every scope; each has been lifted, has expired or was renewed before."""
    build_jail(database, whole=False)
    prepaid.open_account(database, "town", "The whole town", [f"+1{one}" for one in NUMBERS])
    for _ in range(20):
        pay_in(database, LARGEST_DEPOSIT_CENTS, "town")
    with database.begin() as connection:
        jail = connection.execute(select(facilities)).one()._mapping
        connection.execute(facilities.insert(), {**jail, "id": "elsewhere"})
        for place, number in enumerate(NUMBERS):
            scope = SCOPES[place % len(SCOPES)]
            old = Entry(number, "old letter", expires_at=MORNING - DAY)
            lifted = register(connection, old, "desk", MORNING - 9 * DAY)
            if place % 3:
                lift(connection, lifted, "desk", MORNING - 8 * DAY)
            new = replace(Entry(number, "new letter", expires_at=MORNING + DAY), **scope)
            register(connection, new, "desk", MORNING - DAY)


def place(database: Database, decisions: int) -> list[tuple[str, str, str]]:
    """Identified calls, with the person and the number that each will dial, half not privileged."""
    chance = random.Random(7)
    made = []
    with database.begin() as connection:
        for n in range(decisions):
            person = chance.choice((PERSON, OTHER_PERSON))
            row = {"id": f"C{n}", "facility_id": FACILITY, "phone_id": PHONE}
            row |= {"caller_channel": f"x-{n}", "person_id": person}
            moments = {f"{one}_at": MORNING for one in (State.OFFHOOK, State.IDENTIFIED)}
            connection.execute(calls.insert(), {**row, **moments})
            made.append((f"C{n}", person, chance.choice(NUMBERS)))
    return made


@pytest.mark.parametrize("decisions", [500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_no_privileged_call_is_recorded(database: Database, decisions: int) -> None:
    fill(database)
    wrong = []
    for call_id, person, number in place(database, decisions):
        decision = authorize(database, call_id, number, MORNING)
        if decision.privileged is not privileged(number, person):
            wrong.append((call_id, number))
        assert decision.reason is None
        if decision.privileged is decision.recorded:
            wrong.append((call_id, number))
        if decision.privileged and (decision.may_be_listened_to or decision.overlay_seconds):
            wrong.append((call_id, number))
    assert wrong == []
    with database.begin() as connection:
        written = connection.execute(select(calls)).all()
    assert len(written) == decisions
    assert [row.id for row in written if row.privileged and row.recorded] == []
