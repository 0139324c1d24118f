"""What lawyers are to be told: each thing once, kept until somebody notes that it was sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique

from sqlalchemy import Connection, or_, select

from blocklists.privilege.registry import PrivilegeError, covers
from store.tables import attorneys, privilege_notices, privileged_numbers
from store.types import AnyRow
from store.upsert import insert_new

EXPIRY_TOLD = timedelta(days=30)


@unique
class NoticeKind(StrEnum):
    """What happened."""

    RECORDED = "recorded"
    EXPIRES = "expires"


TEXT: Mapping[str, Mapping[NoticeKind, str]] = {
    "en": {
        NoticeKind.RECORDED: "A recording of a call to your registered number was found (call "
        "{0}). It is locked away: nobody can listen to it, and nothing of it was deleted.",
        NoticeKind.EXPIRES: "Your registration ends soon (entry {0}). Renew it in time: calls "
        "after its end may be recorded.",
    },
    "es": {
        NoticeKind.RECORDED: "Se encontró la grabación de una llamada a su número registrado "
        "(llamada {0}). Está bajo llave: nadie puede oírla, y no se borró nada.",
        NoticeKind.EXPIRES: "Su registro termina pronto (entrada {0}). Renuévelo a tiempo: las "
        "llamadas posteriores podrían grabarse.",
    },
}


@dataclass(frozen=True)
class Notice:
    """One letter: to whom, and what it says, in the lawyer's language."""

    id: int
    attorney_id: str
    name: str
    email: str
    text: str
    at: datetime
    sent_at: datetime | None


def tell_recorded(connection: Connection, call: AnyRow, at: datetime) -> int:
    """Tell everybody whose registered number this recorded call was; how many are told now.

    ``call`` has the columns ``id``, ``number``, ``facility_id``, ``person_id``, ``offhook_at``.
    """
    row = privileged_numbers.c
    lasting = or_(row.lifted_at.is_(None), row.lifted_at > call.offhook_at)
    query = (
        select(row.attorney_id)
        .distinct()
        .where(
            covers(call.number, call.facility_id, call.person_id),
            lasting,
            row.attorney_id.is_not(None),
        )
    )
    return _tell(connection, connection.execute(query).scalars(), NoticeKind.RECORDED, call.id, at)


def tell_expiring(connection: Connection, at: datetime) -> int:
    """Tell everybody whose entry ends within :data:`EXPIRY_TOLD`; how many are told now."""
    row = privileged_numbers.c
    query = select(row.id, row.attorney_id).where(
        row.attorney_id.is_not(None),
        row.lifted_at.is_(None),
        row.expires_at > at,
        row.expires_at <= at + EXPIRY_TOLD,
    )
    ending = list(connection.execute(query))
    return sum(
        _tell(connection, [one.attorney_id], NoticeKind.EXPIRES, str(one.id), at) for one in ending
    )


def listed(connection: Connection, *, sent: bool = False) -> list[Notice]:
    """What is to be sent, oldest first; with ``sent`` also what was."""
    row = privilege_notices.c
    query = (
        select(privilege_notices, attorneys.c.name, attorneys.c.email, attorneys.c.language)
        .join(attorneys, attorneys.c.id == row.attorney_id)
        .order_by(row.id)
    )
    if not sent:
        query = query.where(row.sent_at.is_(None))
    return [_notice(one) for one in connection.execute(query)]


def note_sent(connection: Connection, notice_id: int, at: datetime) -> None:
    """Somebody has sent it; the first moment stands. Raises :class:`PrivilegeError`."""
    row = privilege_notices.c
    known = select(row.id).where(row.id == notice_id)
    if connection.execute(known).first() is None:
        raise PrivilegeError(f"there is no notice {notice_id}: 'parloir privilege notices'")
    unsent = privilege_notices.update().where(row.id == notice_id, row.sent_at.is_(None))
    connection.execute(unsent.values(sent_at=at))


def _notice(row: AnyRow) -> Notice:
    words = TEXT[row.language if row.language in TEXT else "en"]
    said = words[NoticeKind(row.kind)].format(row.subject)
    return Notice(row.id, row.attorney_id, row.name, row.email, said, row.at, row.sent_at)


def _tell(
    connection: Connection, whom: Iterable[str], kind: NoticeKind, subject: str, at: datetime
) -> int:
    fresh = 0
    for attorney_id in list(whom):
        row = {"attorney_id": attorney_id, "kind": kind.value, "subject": subject, "at": at}
        insert = insert_new(connection, privilege_notices).returning(privilege_notices.c.id)
        fresh += len(connection.execute(insert, row).all())
    return fresh
