"""What lawyers are to be told: each thing once, kept until it was sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, String, and_, cast, or_, select

from blocklists.privilege.covering import covers
from blocklists.privilege.letters import Letter, NoticeKind
from blocklists.privilege.registry import PrivilegeError
from store.tables import attorneys, calls, facilities, privilege_notices, privileged_numbers
from store.types import AnyRow
from store.upsert import insert_new

EXPIRY_TOLD = timedelta(days=30)


@dataclass(frozen=True)
class Notice:
    """One letter and what became of it. ``by_letter``: why no e-mail can bring it, else empty."""

    id: int
    attorney_id: str
    letter: Letter
    at: datetime
    sent_at: datetime | None
    attempts: int
    fault: str
    by_letter: str

    @property
    def text(self) -> str:
        """What it says, in the lawyer's language."""
        return self.letter.text


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
    unsent = privilege_notices.c.sent_at.is_(None)
    query = _NOTICES.where(still_so()) if sent else _NOTICES.where(unsent, still_so())
    return [_notice(one) for one in connection.execute(query.order_by(privilege_notices.c.id))]


def find(connection: Connection, notice_id: int) -> Notice:
    """One notice, which is there."""
    return _notice(connection.execute(_NOTICES.where(privilege_notices.c.id == notice_id)).one())


def still_so() -> ColumnElement[bool]:
    """Whether it was sent, or still is as it says: an entry that was renewed doesn't end soon."""
    row, entry = privilege_notices.c, privileged_numbers.alias().c
    gone = select(entry.id).where(
        cast(entry.id, String) == row.subject, entry.lifted_at.is_not(None)
    )
    expires = row.kind == NoticeKind.EXPIRES.value
    return or_(row.sent_at.is_not(None), ~and_(expires, gone.exists()))


def note_sent(connection: Connection, notice_id: int, at: datetime) -> None:
    """Somebody has sent it; the first moment stands. Raises :class:`PrivilegeError`."""
    row = privilege_notices.c
    known = select(row.id).where(row.id == notice_id)
    if connection.execute(known).first() is None:
        raise PrivilegeError(f"there is no notice {notice_id}: 'parloir privilege notices'")
    unsent = privilege_notices.update().where(row.id == notice_id, row.sent_at.is_(None))
    connection.execute(unsent.values(sent_at=at))


def _notice(row: AnyRow) -> Notice:
    kind = NoticeKind(row.kind)
    day = (
        row.expires_at
        if row.timezone is None
        else row.offhook_at.astimezone(ZoneInfo(row.timezone))
    )
    key = f"{row.attorney_id} {row.kind} {row.subject} {row.at.isoformat()}"
    letter = Letter(row.name, row.email, row.language, kind, row.subject, day, key)
    told = (row.at, row.sent_at, row.attempts, row.fault)
    return Notice(row.id, row.attorney_id, letter, *told, _by_letter(row))


def _by_letter(row: AnyRow) -> str:
    if not row.email:
        return "no e-mail address on file"
    return f"{row.email} refused: {row.fault}" if row.refused_email == row.email else ""


def _tell(
    connection: Connection, whom: Iterable[str], kind: NoticeKind, subject: str, at: datetime
) -> int:
    fresh = 0
    for attorney_id in list(whom):
        row = {"attorney_id": attorney_id, "kind": kind.value, "subject": subject, "at": at}
        insert = insert_new(connection, privilege_notices).returning(privilege_notices.c.id)
        fresh += len(connection.execute(insert, row).all())
    return fresh


_OF_CALL = and_(
    privilege_notices.c.kind == NoticeKind.RECORDED.value,
    calls.c.id == privilege_notices.c.subject,
)
_OF_ENTRY = and_(
    privilege_notices.c.kind == NoticeKind.EXPIRES.value,
    cast(privileged_numbers.c.id, String) == privilege_notices.c.subject,
)
_NOTICES = (
    select(
        privilege_notices,
        *(attorneys.c[name] for name in ("name", "email", "language")),
        *(calls.c.offhook_at, facilities.c.timezone, privileged_numbers.c.expires_at),
    )
    .join(attorneys, attorneys.c.id == privilege_notices.c.attorney_id)
    .outerjoin(calls, _OF_CALL)
    .outerjoin(facilities, facilities.c.id == calls.c.facility_id)
    .outerjoin(privileged_numbers, _OF_ENTRY)
)
