"""The terms of accounts, by version, and who has accepted which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from sqlalchemy import Connection

from accounts.ledger import LedgerError
from accounts.opening import LANGUAGES
from accounts.orders import locked
from store.tables import terms_acceptances

WAYS = ("web", "telephone", "paper")
_TEXTS = files("accounts") / "data" / "terms"


@dataclass(frozen=True)
class Acceptance:
    """That a version was accepted, by which way, who noted it and when."""

    version: str
    how: str
    actor: str
    at: datetime


@cache
def versions() -> tuple[str, ...]:
    """Every version, the oldest first; its name is the month from which it is in force."""
    names = (one.name for one in _TEXTS.iterdir() if one.name.endswith(".en.md"))
    return tuple(sorted(name.removesuffix(".en.md") for name in names))


def current() -> str:
    """The version in force: a new one is a new file, in every language."""
    return versions()[-1]


def text(version: str, language: str = "en") -> str:
    """What a version says, as Markdown. Raises :class:`LedgerError` when there is none."""
    if version not in versions() or language not in LANGUAGES:
        raise LedgerError(f"no terms of version {version!r} in {language!r}")
    return (_TEXTS / f"{version}.{language}.md").read_text(encoding="utf-8")


def accept(
    connection: Connection, account_id: str, version: str, how: str, actor: str, at: datetime
) -> bool:
    """Note that the account's owner has accepted a version; False when that was noted before.

    Raises :class:`LedgerError` when there is no such version, way or account.
    """
    if version not in versions():
        raise LedgerError(f"no terms of version {version!r}, only {', '.join(versions())}")
    if how not in WAYS:
        raise LedgerError(f"terms are accepted by {', '.join(WAYS)}, not by {how!r}")
    locked(connection, account_id)
    if version in (one.version for one in accepted(connection, account_id)):
        return False
    row = {"account_id": account_id, "version": version, "how": how, "actor": actor, "at": at}
    connection.execute(terms_acceptances.insert(), row)
    return True


def accepted(connection: Connection, account_id: str) -> list[Acceptance]:
    """What an account's owner has accepted, oldest first."""
    chosen = terms_acceptances.select().where(terms_acceptances.c.account_id == account_id)
    rows = connection.execute(chosen.order_by(terms_acceptances.c.id))
    return [Acceptance(row.version, row.how, row.actor, row.at) for row in rows]


def to_accept(connection: Connection, account_id: str) -> str | None:
    """The version that is still to be accepted, or None."""
    done = {one.version for one in accepted(connection, account_id)}
    return None if current() in done else current()
