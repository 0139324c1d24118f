"""The fictitious people who call and are called while it is measured.

A thousand people, each with a number of their own to call, on forty phones of one jail. Five
numbers share an account, so calls meet in the same row of money now and then, as in a family,
but never all in one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from decimal import Decimal

from accounts import prepaid
from custody import facilities, places
from custody.lines.phones import Phone, add_phone
from store.database import Database
from store.settings import Settings
from store.types import now

FACILITY = facilities.Facility(
    id="bench",
    name="Millbrook County Jail",
    facility_type="jail",
    adp=Decimal(1000),
    state="OH",
    timezone="America/New_York",
    longest_call_seconds=900,
    records=True,
)
PEOPLE, PHONES, ACCOUNTS = 1000, 40, 200
# Few, since each has to be spoken.
NAMES = ("Alex Rivers", "Jordan Lake", "Casey Brook", "Robin Field")
AREA_CODES = ("202", "212", "213", "214", "216", "217", "303", "312", "404", "412")
DEPOSIT_CENTS = 1_000_00


@dataclass(frozen=True)
class Caller:
    """Who calls from which phone, and what they key."""

    phone: str
    password: str
    person: str
    pin: str
    number: str


def settle(settings: Settings, database: Database) -> list[Caller]:
    """Load everybody, with money; gives the callers."""
    facilities.add_facility(database, FACILITY, "benchmark")
    phones = [f"bench-{index}" for index in range(PHONES)]
    with database.begin() as connection:
        passwords = [
            add_phone(connection, Phone(phone, FACILITY.id), "benchmark", now()) for phone in phones
        ]
    callers = [
        Caller(
            phone=phones[index % PHONES],
            password=passwords[index % PHONES],
            person=str(100_000 + index),
            pin=f"{secrets.randbelow(10_000):04}",
            number=f"{AREA_CODES[index // 100]}55501{index % 100:02}",
        )
        for index in range(PEOPLE)
    ]
    _add_people(settings, database, callers)
    _open_accounts(database, [f"+1{one.number}" for one in callers])
    return callers


def _add_people(settings: Settings, database: Database, callers: list[Caller]) -> None:
    key = settings.pin_key_file.read_bytes()
    for index, one in enumerate(callers):
        name = NAMES[index % len(NAMES)]
        places.add_person(database, key, one.person, FACILITY.id, name, one.pin, "bench")


def _open_accounts(database: Database, numbers: list[str]) -> None:
    for index in range(ACCOUNTS):
        account = f"bench-{index}"
        prepaid.open_account(database, account, "A family", numbers[index::ACCOUNTS])
        with database.begin() as connection:
            prepaid.deposit(connection, account, DEPOSIT_CENTS, account, "bench")
