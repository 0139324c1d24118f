"""Who asks, whether they may, and that it is written down: asked by every endpoint that isn't
public."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import RateLimitItem
from sqlalchemy import Connection, select

from accounts.life import Account, interest
from accounts.life import find as find_account
from accounts.policy import Act, may
from accounts.products import PRODUCTS, Party
from api import tokens
from api.context import Asked, Context
from api.problems import Kind, Problem, too_many
from api.throttle import PUBLIC, TOKEN, WRONG_TOKENS
from api.tokens import Scope, Token
from api.words import ACCOUNT_ID, FACILITY_ID, PERSON_ID, PRINTED
from store.tables import facilities, looks, persons

OWN = "their own"
EVERYWHERE = "everywhere"

Reason = Annotated[
    str | None,
    Header(
        alias="X-Reason",
        description="Why you look; staff must say it, and it is kept.",
        pattern=PRINTED,
        max_length=200,
    ),
]
_bearer = HTTPBearer(auto_error=False, description="Made by `parloir api token make`.")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


@dataclass(frozen=True)
class Caller:
    """Who asks, with a good token."""

    token: Token
    why: str

    @property
    def actor(self) -> str:
        """As the books name them."""
        who = self.token.staff_id or self.token.name
        return f"{self.token.role} {who} (token {self.token.id})"


@dataclass(frozen=True)
class OnAccount:
    """An account that the caller is a party to and may do this with."""

    account: Account
    caller: Caller


def address_of(request: Request) -> str:
    """Where the request comes from: behind a proxy on this machine, what the proxy says."""
    return request.client.host if request.client else "unknown"


def caller(request: Request, asked: Asked, bearer: Bearer, why: Reason = None) -> Caller:
    """The token's owner. 401 without a good one; 429 when asked too often."""
    at = asked.clock()
    token = None
    if bearer is not None:
        with asked.database.begin() as connection:
            token = tokens.find(connection, bearer.credentials)
    if token is None or not token.good(at):
        _take(asked, WRONG_TOKENS, f"wrong:{address_of(request)}")
        detail = "there is none, or it is unknown, expired or revoked"
        raise Problem(Kind.NO_TOKEN, detail, {"WWW-Authenticate": "Bearer"})
    _take(asked, TOKEN, f"token:{token.id}")
    return Caller(token, (why or "").strip())


def public(request: Request, asked: Asked) -> None:
    """For endpoints without a token: 429 when an address asks too often."""
    _take(asked, PUBLIC, f"public:{address_of(request)}")


def on_account(scope: Scope, act: Act) -> Callable[..., OnAccount]:
    """The dependency of an endpoint that does ``act`` with the account in its path."""

    def allowed(
        request: Request,
        asked: Asked,
        who: Annotated[Caller, Depends(caller)],
        account_id: Annotated[str, Path(pattern=ACCOUNT_ID)],
    ) -> OnAccount:
        _in_scope(who, scope)
        with asked.database.begin() as connection:
            account = find_account(connection, account_id)
            if account is None or not _is_party(who.token, account):
                raise Problem(Kind.NOT_FOUND)
            if not may(who.token.role, act, account.product):
                what = f"{_said(act)}, for a {_said(account.product)} account"
                raise Problem(Kind.NOT_ALLOWED, f"a {who.token.role} may not: {what}")
            _look(connection, request, who, account.id, asked.clock())
            if who.token.role is not Party.STAFF:
                interest(connection, account.id, asked.clock())
        return OnAccount(account, who)

    return allowed


def on_facility(scope: Scope) -> Callable[..., Caller]:
    """The dependency of an endpoint about the facility in its path."""

    def allowed(
        request: Request,
        asked: Asked,
        who: Annotated[Caller, Depends(caller)],
        facility_id: Annotated[str, Path(pattern=FACILITY_ID)],
    ) -> Caller:
        _in_scope(who, scope)
        if who.token.role is not Party.STAFF and who.token.subject != facility_id:
            raise Problem(Kind.NOT_FOUND)
        with asked.database.begin() as connection:
            known = select(facilities.c.id).where(facilities.c.id == facility_id)
            if connection.execute(known).one_or_none() is None:
                raise Problem(Kind.NOT_FOUND)
            _look(connection, request, who, facility_id, asked.clock())
        return who

    return allowed


def on_person(scope: Scope) -> Callable[..., Caller]:
    """The dependency of an endpoint about a person who is held in the facility of its path."""

    def allowed(
        request: Request,
        asked: Asked,
        who: Annotated[Caller, Depends(caller)],
        facility_id: Annotated[str, Path(pattern=FACILITY_ID)],
        person_id: Annotated[str, Path(pattern=PERSON_ID)],
    ) -> Caller:
        _in_scope(who, scope)
        here = who.token.role is Party.STAFF or who.token.subject == facility_id
        with asked.database.begin() as connection:
            one = persons.c.id == person_id, persons.c.facility_id == facility_id
            found = connection.execute(select(persons.c.id).where(*one)).one_or_none()
            if not here or found is None:
                raise Problem(Kind.NOT_FOUND)
            _look(connection, request, who, person_id, asked.clock())
        return who

    return allowed


def everywhere(scope: Scope) -> Callable[..., Caller]:
    """The dependency of an endpoint about what holds at every facility: the provider's staff's."""

    def allowed(request: Request, asked: Asked, who: Annotated[Caller, Depends(caller)]) -> Caller:
        _in_scope(who, scope)
        if who.token.role is not Party.STAFF:
            raise Problem(Kind.NOT_ALLOWED, "what holds everywhere is for the provider's staff")
        with asked.database.begin() as connection:
            _look(connection, request, who, EVERYWHERE, asked.clock())
        return who

    return allowed


def in_scope(scope: Scope) -> Callable[..., Caller]:
    """The dependency of an endpoint about nothing that exists yet."""

    def allowed(who: Annotated[Caller, Depends(caller)]) -> Caller:
        _in_scope(who, scope)
        return who

    return allowed


def _take(asked: Context, limit: RateLimitItem, who: str) -> None:
    if seconds := asked.throttle.wait_seconds(limit, who):
        raise too_many(seconds)


def _in_scope(who: Caller, scope: Scope) -> None:
    if scope not in who.token.scopes & tokens.GRANTABLE[who.token.role]:
        raise Problem(Kind.NOT_ALLOWED, f"the token lacks the scope {scope}")


def _is_party(token: Token, account: Account) -> bool:
    """Whether the account is the token's: another's is as unknown as one that doesn't exist."""
    if token.role is Party.STAFF:
        return True
    if token.role is Party.PERSON:
        return account.person_id is not None and account.person_id == token.subject
    if token.role is Party.HOLDER:
        return account.id == token.subject and PRODUCTS[account.product].owner is Party.HOLDER
    return False


def _look(
    connection: Connection, request: Request, who: Caller, subject: str, at: datetime
) -> None:
    """Written before it is looked at, whatever comes of it."""
    if who.token.role is Party.STAFF and not who.why:
        raise Problem(Kind.INVALID, "staff say why they look, in the header X-Reason")
    what = request.scope["endpoint"].__name__
    row = {"actor": who.actor, "role": who.token.role.value, "what": what, "subject": subject}
    connection.execute(looks.insert(), {**row, "at": at, "why": who.why or OWN})


def _said(name: str) -> str:
    return name.replace("_", " ")
