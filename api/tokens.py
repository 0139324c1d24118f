"""Bearer tokens: who may ask over HTTP, for what, until when. Only a token's hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, unique
from typing import Final

from sqlalchemy import Connection, Select, exists, select

from accounts.ledger import LedgerError
from accounts.products import PRODUCTS, Party, ProductId
from custody.roles import SCOPES, Role
from store.tables import accounts, api_tokens, facilities, persons, staff
from store.types import AnyRow

PREFIX: Final = "parloir_"
SECRET_BYTES = 32
LONGEST_NAME = 80


class TokenError(LedgerError):
    """No such token can be made or revoked; the message says why."""


@unique
class Scope(StrEnum):
    """What a token is good for. What its owner may do with an account is the policy's business."""

    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    ACCOUNTS_MANAGE = "accounts:manage"
    PAYMENTS_WRITE = "payments:write"
    REFUNDS_WRITE = "refunds:write"
    STATEMENTS_READ = "statements:read"
    REPORTS_READ = "reports:read"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    POLICY_READ = "policy:read"
    POLICY_WRITE = "policy:write"
    NUMBERS_READ = "numbers:read"
    NUMBERS_WRITE = "numbers:write"
    PRIVILEGE_WRITE = "privilege:write"
    CALLS_WRITE = "calls:write"
    LINES_WRITE = "lines:write"
    STAFF_WRITE = "staff:write"


_OWN = frozenset(
    {
        *(Scope.ACCOUNTS_READ, Scope.ACCOUNTS_WRITE, Scope.PAYMENTS_WRITE),
        *(Scope.REFUNDS_WRITE, Scope.STATEMENTS_READ),
    }
)
_MONEY = _OWN | {Scope.ACCOUNTS_MANAGE}
GRANTABLE: Mapping[Party, frozenset[Scope]] = {
    Party.HOLDER: _OWN,
    Party.PERSON: _OWN,
    Party.FACILITY: frozenset(Scope) - _MONEY,
    Party.STAFF: frozenset(Scope),
}
"""What a token of each role may carry. Depositors need no token."""


@dataclass(frozen=True)
class Token:
    """A token without its secret. ``subject`` is whose it is; None for the provider's staff.

    ``staff_id``: the one on the staff who uses it. ``scopes`` are those that their role still
    allows; ``dismissed``: they are on the staff no more.
    """

    id: str
    name: str
    role: Party
    scopes: frozenset[Scope]
    subject: str | None
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    staff_id: str | None = None
    dismissed: bool = False

    def good(self, at: datetime) -> bool:
        """Whether it is neither revoked nor expired, and its user still on the staff."""
        return self.revoked_at is None and at < self.expires_at and not self.dismissed


@dataclass(frozen=True)
class NewToken:
    """What is to be made. ``subject``: an account, a person or a facility, as the role says.

    ``staff_id``: for whom on the staff of the facility, or of the provider; then no scopes mean
    all that their role may have.
    """

    name: str
    role: Party
    scopes: frozenset[Scope]
    subject: str | None
    expires_at: datetime
    staff_id: str | None = None


def make(connection: Connection, new: NewToken, actor: str, at: datetime) -> tuple[Token, str]:
    """The token, and its secret, which is told this once. Raises :class:`TokenError`."""
    if new.staff_id is not None:
        new = replace(new, scopes=_staff_scopes(connection, new, new.staff_id))
    _refuse(connection, new, at)
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token_id = secrets.token_hex(6)
    row: dict[str, object] = {"id": token_id, "sha256": _sha256(secret), "name": new.name}
    row |= {"role": new.role.value, "scopes": sorted(new.scopes), "expires_at": new.expires_at}
    row["staff_id"] = new.staff_id
    if new.subject is not None:
        row[_COLUMN[new.role]] = new.subject
    connection.execute(api_tokens.insert(), {**row, "actor": actor, "made_at": at})
    return _only(connection, token_id), secret


def find(connection: Connection, secret: str) -> Token | None:
    """The token of this secret, good or not.

    The secret is looked up by its hash, so that the time it takes tells nothing about it.
    """
    chosen = _TOKENS.where(api_tokens.c.sha256 == _sha256(secret))
    row = connection.execute(chosen).one_or_none()
    return _token(row) if row else None


def listed(connection: Connection) -> list[Token]:
    """Every token that was ever made, newest first."""
    rows = connection.execute(_TOKENS.order_by(api_tokens.c.made_at.desc()))
    return [_token(row) for row in rows]


def revoke(connection: Connection, token_id: str, actor: str, at: datetime) -> None:
    """From now on it opens nothing. Raises :class:`TokenError` when there is no such token."""
    row = api_tokens.c
    unrevoked = api_tokens.update().where(row.id == token_id, row.revoked_at.is_(None))
    connection.execute(unrevoked.values(revoked_at=at, revoked_by=actor))
    _only(connection, token_id)


def _only(connection: Connection, token_id: str) -> Token:
    row = connection.execute(_TOKENS.where(api_tokens.c.id == token_id)).one_or_none()
    if row is None:
        raise TokenError(f"no token {token_id}: 'parloir api token list' shows them")
    return _token(row)


def _token(row: AnyRow) -> Token:
    subject = row.account_id or row.person_id or row.facility_id
    scopes = frozenset(Scope(scope) for scope in row.scopes)
    if row.staff_id is not None:
        scopes &= _of_role(row.staff_role)
    moments = (row.made_at, row.expires_at, row.revoked_at)
    dismissed = row.staff_id is not None and not row.staff_active
    return Token(
        row.id, row.name, Party(row.role), scopes, subject, *moments, row.staff_id, dismissed
    )


def _staff_scopes(connection: Connection, new: NewToken, staff_id: str) -> frozenset[Scope]:
    """What the token may be good for. Raises :class:`TokenError`."""
    row = connection.execute(staff.select().where(staff.c.id == staff_id)).one_or_none()
    of = {Party.FACILITY: new.subject, Party.STAFF: None}
    if row is None or new.role not in of or row.facility_id != of[new.role]:
        raise TokenError(f"{staff_id} isn't on the staff for which the token would be")
    if not row.active:
        raise TokenError(f"{staff_id} is on the staff no more: 'parloir staff on' first")
    allowed = GRANTABLE[new.role] & _of_role(row.role)
    if beyond := sorted(new.scopes - allowed):
        raise TokenError(f"{staff_id} is {row.role}, without {', '.join(beyond)}")
    return new.scopes or allowed


def _of_role(role: str) -> frozenset[Scope]:
    return frozenset(map(Scope, SCOPES[Role(role)]))


def _refuse(connection: Connection, new: NewToken, at: datetime) -> None:
    if not 0 < len(new.name) <= LONGEST_NAME:
        raise TokenError(f"a token's name has 1 to {LONGEST_NAME} characters")
    grantable = GRANTABLE.get(new.role)
    if grantable is None:
        raise TokenError(f"a {new.role} needs no token")
    if beyond := sorted(new.scopes - grantable):
        raise TokenError(f"a token for a {new.role} can't have {', '.join(beyond)}")
    if not new.scopes:
        raise TokenError(f"name a scope: {', '.join(sorted(grantable))}")
    if new.expires_at <= at:
        raise TokenError("the token would have expired already")
    _refuse_strangers(connection, new)


def _refuse_strangers(connection: Connection, new: NewToken) -> None:
    if new.role is Party.STAFF:
        if new.subject is not None:
            raise TokenError("a token for staff belongs to no account, person or facility")
        return
    if new.subject is None or not connection.execute(_known(new.role, new.subject)).scalar_one():
        raise TokenError(f"no {_THING[new.role]} {new.subject} for a {new.role}'s token")


def _known(role: Party, subject: str) -> Select[tuple[bool]]:
    if role is Party.PERSON:
        return select(exists().where(persons.c.id == subject))
    if role is Party.FACILITY:
        return select(exists().where(facilities.c.id == subject))
    held = [product.value for product in ProductId if PRODUCTS[product].owner is Party.HOLDER]
    return select(exists().where(accounts.c.id == subject, accounts.c.product.in_(held)))


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


_TOKENS = select(
    api_tokens, staff.c.role.label("staff_role"), staff.c.active.label("staff_active")
).outerjoin_from(api_tokens, staff, staff.c.id == api_tokens.c.staff_id)
_COLUMN: Mapping[Party, str] = {
    Party.HOLDER: "account_id",
    Party.PERSON: "person_id",
    Party.FACILITY: "facility_id",
}
_THING: Mapping[Party, str] = {
    Party.HOLDER: "account",
    Party.PERSON: "person",
    Party.FACILITY: "facility",
}
