"""The registry of privileged numbers: a call to one is neither recorded, monitored nor analysed.

Privilege fails closed (design rule 2): one entry in force, of any layer, is enough. Entries are
never deleted. One that is lifted, or has expired, ends the privilege of later calls only: what was
said while it was in force stays privileged for ever (:mod:`blocklists.privilege.covering`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from blocklists.force import in_force
from blocklists.patterns import NumberError, dialable
from blocklists.privilege.entries import find
from store.tables import attorneys, facilities, persons, privileged_numbers
from store.turns import take_turn
from store.types import AnyRow, now

LONGEST_TEXT = 500


class PrivilegeError(NumberError):
    """The registry can't do that; the message says why, and how to mend it."""


@unique
class PrivilegeKind(StrEnum):
    """Whose talk is protected."""

    ATTORNEY = "attorney"
    PUBLIC_DEFENDER = "public_defender"
    CLERGY = "clergy"
    MEDICAL = "medical"
    CONSULATE = "consulate"
    OMBUDSMAN = "ombudsman"


@dataclass(frozen=True)
class Entry:
    """A number to be registered: everywhere or at a facility, for everybody or for a person.

    ``proof``: what was checked, and where it is on file. ``expires_at``: None, until lifted.
    """

    number: str
    proof: str
    kind: PrivilegeKind = PrivilegeKind.ATTORNEY
    attorney_id: str | None = None
    facility_id: str | None = None
    person_id: str | None = None
    expires_at: datetime | None = None
    note: str = ""


def register(connection: Connection, entry: Entry, actor: str, at: datetime) -> int:
    """Put a number on the registry, once; the id of its entry. Raises :class:`PrivilegeError`.

    The same number for the same people again changes nothing, unless it is to last otherwise: then
    the entry before is lifted, and there is no moment without one.
    """
    number = dialable(entry.number)
    _refuse(connection, entry, at)
    take_turn(connection, privileged_numbers)
    same = connection.execute(_same(entry, number, at)).one_or_none()
    if same is not None and _says_the_same(same, entry):
        return int(same.id)
    row = {
        "number": number,
        "facility_id": entry.facility_id,
        "person_id": entry.person_id,
        "kind": entry.kind.value,
        "attorney_id": entry.attorney_id,
        "proof": entry.proof,
        "expires_at": entry.expires_at,
        "actor": actor,
        "at": at,
        "note": entry.note,
    }
    made = connection.execute(privileged_numbers.insert().returning(privileged_numbers.c.id), row)
    if same is not None:
        _lift(connection, same.id, actor, at)
    return int(made.scalar_one())


def mark_privileged(
    connection: Connection,
    number: str,
    actor: str,
    *,
    facility_id: str | None = None,
    person_id: str | None = None,
    note: str = "",
) -> None:
    """Forbid recording of calls to a number from now on. Raises :class:`PrivilegeError`."""
    proof = note or f"the word of {actor}"
    entry = Entry(number, proof, facility_id=facility_id, person_id=person_id, note=note)
    register(connection, entry, actor, now())


def lift(connection: Connection, entry_id: int, actor: str, at: datetime) -> AnyRow:
    """End an entry: calls from now on may be recorded, what was said before stays privileged.

    The entry as it is then; lifted before, it stays as it was. Raises :class:`PrivilegeError`.
    """
    _lift(connection, entry_id, actor, at)
    found = find(connection, entry_id)
    if found is None:
        raise PrivilegeError(f"the registry has no entry {entry_id}: 'parloir privilege list'")
    return found


def _lift(connection: Connection, entry_id: int, actor: str, at: datetime) -> None:
    row = privileged_numbers.c
    lifting = privileged_numbers.update().where(row.id == entry_id, row.lifted_at.is_(None))
    connection.execute(lifting.values(lifted_at=at, lifted_by=actor))


def _same(entry: Entry, number: str, at: datetime) -> Select[*tuple[Any, ...]]:
    row = privileged_numbers.c
    return (
        select(privileged_numbers)
        .where(
            row.number == number,
            row.facility_id.is_not_distinct_from(entry.facility_id),
            row.person_id.is_not_distinct_from(entry.person_id),
            row.attorney_id.is_not_distinct_from(entry.attorney_id),
            *in_force(row, at),
        )
        .order_by(row.id.desc())
        .limit(1)
    )


def _says_the_same(row: AnyRow, entry: Entry) -> bool:
    said = (row.kind, row.proof, row.expires_at)
    return bool(said == (entry.kind.value, entry.proof, entry.expires_at))


def _refuse(connection: Connection, entry: Entry, at: datetime) -> None:
    if not entry.proof.strip():
        raise PrivilegeError("say what was checked, and where it is on file: the proof is missing")
    for text in (entry.proof, entry.note):
        if len(text) > LONGEST_TEXT or not text.isprintable():
            raise PrivilegeError(f"proof and note: at most {LONGEST_TEXT} characters, on one line")
    if entry.expires_at is not None and entry.expires_at <= at:
        raise PrivilegeError(f"{entry.expires_at:%Y-%m-%d} is over: nothing would be privileged")
    for word, (column, wanted) in _referred(entry).items():
        if wanted and connection.execute(select(column).where(column == wanted)).first() is None:
            raise PrivilegeError(f"there is no {word} {wanted!r}")


def _referred(entry: Entry) -> Mapping[str, tuple[ColumnElement[str], str | None]]:
    return {
        "attorney": (attorneys.c.id, entry.attorney_id),
        "facility": (facilities.c.id, entry.facility_id),
        "person": (persons.c.id, entry.person_id),
    }
