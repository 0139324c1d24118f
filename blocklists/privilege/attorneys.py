"""The lawyers, and whoever else has privileged numbers: who they are and how to reach them."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from blocklists.privilege.registry import PrivilegeError
from store.tables import attorneys
from store.turns import take_turn
from store.types import AnyRow

LANGUAGES = ("en", "es")
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LONGEST_NAME = 120


@dataclass(frozen=True)
class Attorney:
    """A lawyer. ``bar_state`` and ``bar_number`` are empty for clergy, doctors, consulates."""

    id: str
    name: str
    office: str = ""
    bar_state: str = ""
    bar_number: str = ""
    email: str = ""
    language: str = "en"


def add(connection: Connection, attorney: Attorney, actor: str, at: datetime) -> bool:
    """Add a lawyer, or keep what is new about one; False when it was all known.

    Raises :class:`PrivilegeError`.
    """
    if why := fault(attorney):
        raise PrivilegeError(why)
    take_turn(connection, attorneys)
    row = asdict(attorney)
    before = find(connection, attorney.id)
    if before is None:
        connection.execute(attorneys.insert(), {**row, "actor": actor, "at": at})
        return True
    if all(getattr(before, name) == value for name, value in row.items()):
        return False
    this = attorneys.update().where(attorneys.c.id == attorney.id)
    connection.execute(this.values({**row, "actor": actor, "at": at}))
    return True


def find(connection: Connection, attorney_id: str) -> AnyRow | None:
    """A lawyer's row."""
    return connection.execute(select(attorneys).where(attorneys.c.id == attorney_id)).one_or_none()


def must_be_attorney(connection: Connection, attorney_id: str | None) -> None:
    """Raises :class:`PrivilegeError` when one is named that there isn't."""
    if attorney_id is not None and find(connection, attorney_id) is None:
        raise PrivilegeError(f"there is no attorney {attorney_id!r}: 'parloir attorney list'")


def listed(connection: Connection) -> list[AnyRow]:
    """Every lawyer, by office and name."""
    query = select(attorneys).order_by(attorneys.c.office, attorneys.c.name, attorneys.c.id)
    return list(connection.execute(query))


def fault(one: Attorney) -> str | None:
    """What is wrong with it, in one line."""
    if not ID.fullmatch(one.id):
        return f"{one.id!r} is no attorney's id: letters, digits, _ . -, at most 40"
    if not one.name.strip():
        return f"attorney {one.id} has no name"
    texts = (one.name, one.office, one.bar_number, one.email)
    if any(len(text) > LONGEST_NAME or not (text.isprintable() or not text) for text in texts):
        return f"attorney {one.id}: at most {LONGEST_NAME} characters each, on one line"
    if bool(one.bar_state) != bool(one.bar_number):
        return f"attorney {one.id}: bar state and bar number belong together"
    if one.bar_state and not re.fullmatch(r"[A-Z]{2}", one.bar_state):
        return f"attorney {one.id}: {one.bar_state!r} is no state such as OH"
    if len(one.bar_number) > 40:
        return f"attorney {one.id}: a bar number has at most 40 characters"
    if one.email and not _EMAIL.fullmatch(one.email):
        return f"attorney {one.id}: {one.email!r} is no e-mail address"
    if one.language not in LANGUAGES:
        return f"attorney {one.id}: no language {one.language!r}, only {', '.join(LANGUAGES)}"
    return None
