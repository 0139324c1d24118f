"""The four ways to pay for a call: what each is, who has which right, what limits it.

One place: the decision, the line, the command line, the API, statements and the pages for
families ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class ProductId(StrEnum):
    """The neutral names; a brand name is what a sentence says, never what the code says."""

    PREPAID_COLLECT = "prepaid_collect"
    DIRECT_BILL = "direct_bill"
    TRADITIONAL_COLLECT = "traditional_collect"
    INMATE_DEBIT = "inmate_debit"


@unique
class Party(StrEnum):
    """Who stands to an account in which way."""

    HOLDER = "holder"
    PERSON = "person"
    DEPOSITOR = "depositor"
    FACILITY = "facility"
    STAFF = "staff"


@unique
class Limit(StrEnum):
    """What ends the calls that an account pays for."""

    BALANCE = "balance"
    CREDIT_LIMIT = "credit_limit"
    ROLLING = "rolling"


@dataclass(frozen=True)
class Product:
    """``owner`` is whose the money is and who answers for charges.

    ``funded_by``, ``seen_by``, ``refunded_to``: who may pay in, look at activity and balance,
    ask for unused money. ``limit`` is what limits it. ``keeps_money``: whether it holds money
    that was paid in beforehand, so that the rules on unused funds apply (47 CFR 64.6130).
    ``at_zero`` and ``told`` are for people: what happens when there is no more, what each party
    is told.
    """

    id: ProductId
    owner: Party
    funded_by: frozenset[Party]
    seen_by: frozenset[Party]
    refunded_to: frozenset[Party]
    limit: Limit
    keeps_money: bool
    at_zero: str
    told: Mapping[Party, str]


ANYONE = frozenset({Party.HOLDER, Party.PERSON, Party.DEPOSITOR, Party.STAFF})
_HOLDER, _PERSON = frozenset({Party.HOLDER}), frozenset({Party.PERSON})
_BOTH = "Both parties hear when one minute is left, and the call ends when the money does."
PRODUCTS: Mapping[ProductId, Product] = {
    product.id: product
    for product in (
        Product(
            ProductId.PREPAID_COLLECT,
            owner=Party.HOLDER,
            funded_by=ANYONE,
            seen_by=_HOLDER | {Party.STAFF},
            refunded_to=_HOLDER,
            limit=Limit.BALANCE,
            keeps_money=True,
            at_zero="No new call to its numbers until money is paid in. " + _BOTH,
            told={
                Party.PERSON: "That the called party's account is empty, and its code.",
                Party.HOLDER: "Price, balance and every call, on the line and on the statement.",
                Party.DEPOSITOR: "That the payment arrived.",
            },
        ),
        Product(
            ProductId.DIRECT_BILL,
            owner=Party.HOLDER,
            funded_by=_HOLDER | {Party.DEPOSITOR, Party.STAFF},
            seen_by=_HOLDER | {Party.STAFF},
            refunded_to=_HOLDER,
            limit=Limit.CREDIT_LIMIT,
            keeps_money=False,
            at_zero="No new call until a payment makes room below the credit limit. " + _BOTH,
            told={
                Party.PERSON: "That the account has no room or a bill is overdue, never how much.",
                Party.HOLDER: "Invoice, due date, reminders, and what lifts a suspension.",
            },
        ),
        Product(
            ProductId.TRADITIONAL_COLLECT,
            owner=Party.HOLDER,
            funded_by=frozenset(),
            seen_by=_HOLDER | {Party.STAFF},
            refunded_to=frozenset(),
            limit=Limit.ROLLING,
            keeps_money=False,
            at_zero="No new call until older calls age out of the limits, which happens by itself.",
            told={
                Party.PERSON: "That the number's spending limit is reached for now.",
                Party.HOLDER: "The price before acceptance; every call on the phone bill.",
            },
        ),
        Product(
            ProductId.INMATE_DEBIT,
            owner=Party.PERSON,
            funded_by=ANYONE,
            seen_by=_PERSON | {Party.STAFF},
            refunded_to=_PERSON,
            limit=Limit.BALANCE,
            keeps_money=True,
            at_zero="The person can still call collect. " + _BOTH,
            told={
                Party.PERSON: "Balance and price, on the line; every call, on the statement.",
                Party.DEPOSITOR: "That the payment arrived and now belongs to the person.",
            },
        ),
    )
}
