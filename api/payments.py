"""Payments into an account: by its own parties, by anybody, and what the gateway tells of them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel

from accounts.ledger import KeyReused, LedgerError
from accounts.payments import intake, records, webhooks
from accounts.payments.gateway import Gateway, GatewayError
from accounts.payments.intake import NewPayment
from accounts.policy import Act
from accounts.products import Party
from api.context import Asked
from api.guard import OnAccount, on_account, public
from api.problems import Kind, Problem
from api.tokens import Scope
from api.words import AccountId, Body, Cents, IdempotencyKey, Line
from calls import renewal

router = APIRouter(tags=["payments"])
MOST = 200
PAYERS_OWN = {"payer": None, "card_brand": None, "card_last4": None}


class Paying(Body):
    """How much is to be paid, in whole cents. No fee is added."""

    cents: Cents


class Depositing(Body):
    """A payment into somebody's account. The money then belongs to its owner."""

    account_id: AccountId
    cents: Cents
    payer: Line


class AskedOut(BaseModel):
    """A payment that waits for its payer: whoever has the secret may pay it at the gateway."""

    payment_id: str
    status: str
    client_secret: str
    fee_cents: int = 0


class PaymentOut(BaseModel):
    """A payment. ``payer`` and the card are for staff."""

    id: str
    cents: int
    method: str
    status: str
    created_at: datetime
    succeeded_at: datetime | None
    refunded_cents: int
    disputed_cents: int
    payer: str | None
    card_brand: str | None
    card_last4: str | None


class HeardOut(BaseModel):
    """That the gateway's event was taken."""

    event_id: str


def the_gateway(asked: Asked) -> Gateway:
    """Where cards are charged. 503 when the platform has none."""
    if asked.gateway is None:
        raise Problem(Kind.UNAVAILABLE, "no payment gateway is set up")
    return asked.gateway


At = Annotated[Gateway, Depends(the_gateway)]


@router.post("/accounts/{account_id}/payments", status_code=201)
def create_payment(
    asked: Asked,
    on: Annotated[OnAccount, Depends(on_account(Scope.PAYMENTS_WRITE, Act.FUND))],
    gateway: At,
    key: IdempotencyKey,
    new: Paying,
) -> AskedOut:
    """Ask for a card payment into the account."""
    account, party = on.account, on.caller.token.role
    own = NewPayment(f"{account.id}:{key}", account.id, new.cents, account.holder, party)
    return _asked(intake.create(asked.database, gateway, own, asked.clock()))


@router.get("/accounts/{account_id}/payments")
def list_payments(
    asked: Asked,
    on: Annotated[OnAccount, Depends(on_account(Scope.ACCOUNTS_READ, Act.SEE_ACTIVITY))],
) -> list[PaymentOut]:
    """The account's newest payments, the newest first."""
    with asked.database.begin() as connection:
        found = records.listed(connection, on.account.id, MOST)
    every = [PaymentOut.model_validate(one, from_attributes=True) for one in found]
    if on.caller.token.role is Party.STAFF:
        return every
    # Somebody else may have paid: who, and with which card, is that payer's own.
    return [one.model_copy(update=PAYERS_OWN) for one in every]


@router.post("/deposits", status_code=201, dependencies=[Depends(public)])
def deposit(asked: Asked, gateway: At, key: IdempotencyKey, new: Depositing) -> AskedOut:
    """Ask for a card payment into somebody's account, without a token.

    It tells nothing about the account but that it can be paid into.
    """
    named = f"{new.account_id}\n{new.payer}\n{key}"
    unique = f"deposit:{hashlib.sha256(named.encode()).hexdigest()}"
    given = NewPayment(unique, new.account_id, new.cents, new.payer)
    try:
        return _asked(intake.create(asked.database, gateway, given, asked.clock()))
    except (KeyReused, GatewayError):
        raise
    except LedgerError:
        raise Problem(Kind.NOT_FOUND, "there is no account by this name to pay into") from None


async def sent(request: Request) -> bytes:
    """The request's body as it came: the signature is over its very bytes."""
    return await request.body()


@router.post("/webhooks/gateway")
def hear_gateway(
    asked: Asked,
    gateway: At,
    payload: Annotated[bytes, Depends(sent)],
    signature: Annotated[str, Header(alias="Stripe-Signature")],
) -> HeardOut:
    """What the payment gateway tells, signed by it. Not for people."""
    at = asked.clock()
    heard = webhooks.receive(asked.database, gateway, payload, signature, at)
    if heard.account_id is not None:
        with asked.database.begin() as connection:
            renewal.deposited(connection, heard.account_id, at)
        asked.wake()
    return HeardOut(event_id=heard.event_id)


def _asked(made: intake.Asked) -> AskedOut:
    return AskedOut.model_validate(made, from_attributes=True)
