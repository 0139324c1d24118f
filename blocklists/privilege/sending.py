"""Sending the notices by e-mail: each is claimed by one run, and none is ever lost.

It is noted as sent after the server has taken it over. Who dies in between leaves a claim that
ends by itself, and it is sent again, with the same Message-ID: twice perhaps, never not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, or_, select

from blocklists.privilege import notices
from blocklists.privilege.letters import Letter, email_of
from blocklists.privilege.notices import Notice
from store.database import Database
from store.mail import MailDown, MailServer, Refused, mail_server
from store.settings import Settings
from store.tables import attorneys, privilege_notices
from store.types import now

# Longer than the server may take for all its answers.
CLAIM = timedelta(minutes=15)
PUT_OFF = timedelta(hours=1)
MOST_ATTEMPTS = 10
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Sent:
    """How many were sent now, put off, refused for good; how many wait, and for a letter."""

    sent: int
    put_off: int
    refused: int
    waiting: int
    by_letter: int


def send_due(database: Database, settings: Settings, clock: Clock = now) -> Sent:
    """Send what is due, if there is a mail server; any number of runs may do so at once.

    Raises :class:`store.mail.MailDown` when the server can't be used, or not to the end: what
    isn't sent waits. :class:`store.settings.SettingsError`: its password isn't there.
    """
    counts: Counter[str] = Counter()
    if settings.mail.host and _anything_due(database, clock()):
        try:
            with mail_server(settings) as server:
                _Run(database, settings, server, clock).send_all(counts)
        except MailDown as error:
            waiting, _ = _left(database)
            raise MailDown(f"the mail server says: {error}; {waiting} notices wait") from None
    return Sent(counts["sent"], counts["put_off"], counts["refused"], *_left(database))


@dataclass(frozen=True)
class _Run:
    database: Database
    settings: Settings
    server: MailServer
    clock: Clock

    def send_all(self, counts: Counter[str]) -> None:
        while (notice_id := _claim(self.database, self.clock())) is not None:
            counts[self._send(notice_id)] += 1

    def _send(self, notice_id: int) -> str:
        """Send one that is claimed; what became of it."""
        with self.database.begin() as connection:
            notice = notices.find(connection, notice_id)
        try:
            self._hand_over(notice.letter)
        except Refused as error:
            with self.database.begin() as connection:
                return _keep(connection, notice, error, self.clock())
        except MailDown as error:
            with self.database.begin() as connection:
                _set(connection, notice_id, fault=str(error), not_before=self.clock())
            raise
        with self.database.begin() as connection:
            notices.note_sent(connection, notice_id, self.clock())
        return "sent"

    def _hand_over(self, letter: Letter) -> None:
        provider, sender = self.settings.provider_name, self.settings.mail.sender
        self.server.send(email_of(letter, provider, sender, self.clock()), letter.email)


def _left(database: Database) -> tuple[int, int]:
    """How many wait for the next run, and how many for a letter."""
    with database.begin() as connection:
        left = notices.listed(connection)
    by_letter = sum(bool(one.by_letter) for one in left)
    return len(left) - by_letter, by_letter


def _keep(connection: Connection, notice: Notice, why: Refused, at: datetime) -> str:
    """Put it off, or give this address up. What comes too often isn't tried for ever."""
    attempts = notice.attempts + 1
    if why.for_good or attempts >= MOST_ATTEMPTS:
        given_up = {"attempts": 0, "refused_email": notice.letter.email, "not_before": None}
        _set(connection, notice.id, fault=str(why), **given_up)
        return "refused"
    _set(connection, notice.id, fault=str(why), attempts=attempts, not_before=at + PUT_OFF)
    return "put_off"


def _set(connection: Connection, notice_id: int, **values: object) -> None:
    this = privilege_notices.update().where(privilege_notices.c.id == notice_id)
    connection.execute(this.values(values))


def _anything_due(database: Database, at: datetime) -> bool:
    with database.begin() as connection:
        return connection.execute(_due(at)).first() is not None


def _claim(database: Database, at: datetime) -> int | None:
    """Take the next one; None: there is none that nobody is at."""
    row = privilege_notices.c
    # Those that others are taking at this moment are passed over.
    free = _due(at).with_for_update(of=privilege_notices, skip_locked=True).scalar_subquery()
    claim = privilege_notices.update().where(row.id == free).values(not_before=at + CLAIM)
    with database.begin() as connection:
        taken: int | None = connection.execute(claim.returning(row.id)).scalar_one_or_none()
    return taken


def _due(at: datetime) -> Select[tuple[int]]:
    """The one to be sent next: those that were tried already come last."""
    row, lawyer = privilege_notices.c, attorneys.c
    return (
        select(row.id)
        .join(attorneys, lawyer.id == row.attorney_id)
        .where(
            row.sent_at.is_(None),
            notices.still_so(),
            lawyer.email != "",
            lawyer.email != row.refused_email,
            or_(row.not_before.is_(None), row.not_before <= at),
        )
        .order_by(row.not_before.is_not(None), row.not_before, row.id)
        .limit(1)
    )
