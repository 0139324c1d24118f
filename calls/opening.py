"""The beginning of a call: a phone is lifted, or the person on it asks for another one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from calls.people import PEOPLE, Person, person_of
from calls.states import State
from store.database import Database
from store.tables import calls, persons, phones
from store.upsert import insert_new

# Crockford's digits: no letter that is misheard or misread for a figure.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH = 10


@dataclass(frozen=True)
class Following:
    """The next call of an off-hook. ``dialled`` is what was keyed for the one before."""

    call_id: str
    person: Person
    dialled: str | None


def open_call(database: Database, phone_id: str, channel: str, at: datetime) -> str | None:
    """A phone has been lifted: the new call's id, or None for a phone that isn't ours."""
    row = select(
        bindparam("call", _new_id(), type_=calls.c.id.type),
        phones.c.facility_id,
        phones.c.id,
        bindparam("channel", channel, type_=calls.c.caller_channel.type),
        bindparam("now", at, type_=calls.c.offhook_at.type),
    ).where(phones.c.id == phone_id)
    columns = ["id", "facility_id", "phone_id", "caller_channel", f"{State.OFFHOOK}_at"]
    with database.once() as connection:
        insert = calls.insert().from_select(columns, row).returning(calls.c.id)
        return connection.execute(insert).scalar_one_or_none()


def follow(
    database: Database, previous_call_id: str, channel: str, at: datetime
) -> Following | None:
    """The person of an ended call stays on the phone and asks for another: its next call.

    None when that call still lives, or nobody was identified on it. Asked again, it gives the
    same call for as long as that lives: a call is followed by one.
    """
    opening = {"call": _new_id(), "before": previous_call_id, "channel": channel, "now": at}
    with database.begin() as connection:
        insert = insert_new(connection, calls)
        connection.execute(insert.from_select(_FOLLOWING_COLUMNS, _FOLLOWING), opening)
        row = connection.execute(_FOLLOWED, opening).one_or_none()
    return Following(row.call_id, person_of(row), row.before_dialled) if row else None


def _new_id() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


_FOLLOWING_COLUMNS = [
    *("id", "follows", "facility_id", "phone_id", "person_id"),
    *("caller_channel", "offhook_at", "identified_at"),
]
_FOLLOWING = select(
    bindparam("call", type_=calls.c.id.type),
    calls.c.id,
    calls.c.facility_id,
    calls.c.phone_id,
    calls.c.person_id,
    bindparam("channel", type_=calls.c.caller_channel.type),
    bindparam("now", type_=calls.c.offhook_at.type),
    bindparam("now", type_=calls.c.identified_at.type),
).where(
    calls.c.id == bindparam("before"),
    calls.c.person_id.is_not(None),
    calls.c.ended_at.is_not(None),
)
_before = calls.alias("before")
_FOLLOWED = (
    PEOPLE.add_columns(calls.c.id.label("call_id"), _before.c.dialled.label("before_dialled"))
    .join(calls, calls.c.person_id == persons.c.id)
    .join(_before, _before.c.id == calls.c.follows)
    .where(
        calls.c.follows == bindparam("before"),
        calls.c.caller_channel == bindparam("channel"),
        calls.c.ended_at.is_(None),
    )
)
