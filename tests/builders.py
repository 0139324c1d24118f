"""A fictitious jail, its people and its accounts, and a call's life in one line each."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from threading import Barrier
from typing import TypeVar

from accounts import debit, prepaid
from accounts.ledger import open_books
from calls import acceptance, answering, opening, people
from calls.answering import Answered
from calls.decided import Decision
from calls.decision import authorize
from calls.ending import CALLER, Ending, end
from calls.reasons import PaidBy
from custody.facilities import Facility, add_facility
from custody.lines.phones import Phone, add_phone
from custody.places import add_person
from store.database import Database
from store.settings import CallSettings
from store.tables import calls, cdrs, facilities
from store.types import AnyRow

T = TypeVar("T")

KEY = b"a key for tests only"
FACILITY = "millbrook"
PHONE = "millbrook-1"
PERSON, PIN = "100001", "2468"
OTHER_PERSON = "100002"
ACCOUNT, DEBIT = "rivera", "rivera-own"
NUMBER, DIALLED = "+12125550101", "2125550101"
NO_ACCOUNT_NUMBER = "+12125550199"
MORNING = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
LONGEST_SECONDS = 900

_keys = count()


def seconds(number: float) -> timedelta:
    """A span of time."""
    return timedelta(seconds=number)


def build_jail(
    database: Database, cents: int = 2000, *, records: bool = True, whole: bool = True
) -> None:
    """Millbrook County Jail, one phone, two people, and an account that pays for one number.

    ``whole``: calls hold the money of their longest talk, so that none has to be renewed.
    """
    open_books(database)
    add_facility(
        database,
        Facility(
            FACILITY,
            "Millbrook County Jail",
            "jail",
            Decimal(120),
            "OH",
            "America/New_York",
            LONGEST_SECONDS,
            records,
            holds_whole_call=whole,
        ),
        "test",
    )
    with database.begin() as connection:
        add_phone(connection, Phone(PHONE, FACILITY), "M. Okafor", MORNING)
    add_person(database, KEY, PERSON, FACILITY, "Alex Rivera", PIN, "desk")
    add_person(database, KEY, OTHER_PERSON, FACILITY, "Jordan Lee", PIN, "desk")
    open_account(database, cents=cents)


def open_account(
    database: Database, account: str = ACCOUNT, number: str = NUMBER, cents: int = 2000
) -> None:
    """An account that pays for calls to ``number``, with money on it."""
    prepaid.open_account(database, account, "Sam Rivera", [number])
    if cents:
        pay_in(database, cents, account)


def open_debit(database: Database, cents: int = 2000, person: str = PERSON) -> None:
    """A person's own account, with money on it."""
    debit.open_account(database, DEBIT, person, "Alex Rivera")
    if cents:
        pay_in(database, cents, DEBIT)


def pay_in(database: Database, cents: int, account: str = ACCOUNT) -> None:
    """A deposit that is made once."""
    with database.begin() as connection:
        prepaid.deposit(connection, account, cents, f"builder-{next(_keys)}", "test")


def identified_call(database: Database, at: datetime = MORNING, person: str = PERSON) -> str:
    """A call whose caller has keyed ID and PIN."""
    call_id = opening.open_call(database, PHONE, f"caller-{next(_keys)}", at)
    assert call_id is not None
    found = people.identify(database, KEY, call_id, person, PIN, at)
    assert isinstance(found, people.Person)
    return call_id


def authorized_call(
    database: Database, at: datetime = MORNING, by: PaidBy = PaidBy.CALLED
) -> tuple[str, Decision]:
    """A call that may be dialled."""
    call_id = identified_call(database, at)
    decision = authorize(database, call_id, DIALLED, at, by)
    assert decision.reason is None
    return call_id, decision


def answered_call(database: Database, at: datetime = MORNING, by: PaidBy = PaidBy.CALLED) -> str:
    """A call that the called party has answered."""
    call_id, _ = authorized_call(database, at, by)
    assert answering.answered(database, call_id, f"called-{next(_keys)}", at, at) is not None
    return call_id


def accepted_call(database: Database, at: datetime = MORNING, by: PaidBy = PaidBy.CALLED) -> str:
    """A call that the called party has accepted at ``at``."""
    call_id = answered_call(database, at, by)
    assert accept(database, call_id, at)
    return call_id


def accept(database: Database, call_id: str, at: datetime) -> acceptance.Joining | None:
    """Accept with what the called party's script was told when the party answered."""
    row = call_row(database, call_id)
    told = Answered(row.number, row.recorded, row.limit_seconds, row.decision, row.account_id)
    return acceptance.accept(database, call_id, told, at, CallSettings())


def talked(
    database: Database,
    length: float,
    at: datetime = MORNING,
    leg: str = CALLER,
    by: PaidBy = PaidBy.CALLED,
) -> str:
    """A call that was over after ``length`` seconds of talk, hung up by ``leg``."""
    call_id = accepted_call(database, at, by)
    assert end(database, call_id, Ending(leg, at + seconds(length), joined_at=at))
    return call_id


def call_row(database: Database, call_id: str) -> AnyRow:
    """The call as the database has it."""
    with database.begin() as connection:
        return connection.execute(calls.select().where(calls.c.id == call_id)).one()


def cdr_of(database: Database, call_id: str) -> AnyRow:
    """The one CDR of a call."""
    with database.begin() as connection:
        return connection.execute(cdrs.select().where(cdrs.c.call_id == call_id)).one()


def set_facility(database: Database, **columns: object) -> None:
    """Change the jail's own terms."""
    with database.begin() as connection:
        connection.execute(facilities.update().values(columns))


def balance(database: Database, account: str = ACCOUNT) -> prepaid.Balance:
    """The account's money."""
    with database.begin() as connection:
        found = prepaid.find(connection, account)
    assert found is not None
    return found


def at_once(workers: int, act: Callable[[int], T]) -> list[T]:
    """What ``act`` gives when as many threads do it at the same moment."""
    barrier = Barrier(workers)

    def together(number: int) -> T:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(together, range(workers)))
