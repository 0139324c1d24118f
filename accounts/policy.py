"""Who may do what with an account: one policy, asked by every surface."""

from __future__ import annotations

from enum import StrEnum, unique

from accounts.products import PRODUCTS, Party, ProductId


@unique
class Act(StrEnum):
    """What somebody wants with an account."""

    SEE_BALANCE = "see_balance"
    SEE_ACTIVITY = "see_activity"
    FUND = "fund"
    ASK_REFUND = "ask_refund"
    CHANGE = "change"
    CLOSE = "close"
    EXPORT = "export"
    ADJUST = "adjust"


_SEEING = frozenset({Act.SEE_BALANCE, Act.SEE_ACTIVITY, Act.EXPORT})
_STAFF = _SEEING | {Act.FUND, Act.ASK_REFUND, Act.CHANGE, Act.CLOSE, Act.ADJUST}


def may(party: Party, act: Act, product: ProductId) -> bool:
    """Whether this party of an account of this product may do this with it.

    The party is the account's own: another account's holder is no party to this one. Staff act
    for the owner (a refund that staff ask for still goes to the owner, where there is one).
    A facility sees its site reports and no account.
    """
    terms = PRODUCTS[product]
    if act is Act.FUND:
        return party in terms.funded_by
    if act is Act.ASK_REFUND:
        return party in terms.refunded_to or (party is Party.STAFF and bool(terms.refunded_to))
    if party is Party.STAFF:
        return act in _STAFF
    if act in _SEEING:
        return party in terms.seen_by
    return act in (Act.CHANGE, Act.CLOSE) and party is terms.owner
