"""Unused money goes back: on request, at closing and release, after inactivity.

47 CFR 64.6130: within 30 days, without a fee, by the original method or by check. Money that
can't be given back goes to the state as unclaimed property, never to the house.
"""

from __future__ import annotations

from accounts.refunds.checks import check_cashed, check_issued, check_returned
from accounts.refunds.requests import GIVEN_BACK_WITHIN, request
from accounts.refunds.rows import Refund, find, not_paid_out, of_account, of_key
from accounts.refunds.sending import Sent, send_due
from accounts.refunds.settling import done, escheat, failed, remit

__all__ = [
    "GIVEN_BACK_WITHIN",
    "Refund",
    "Sent",
    "check_cashed",
    "check_issued",
    "check_returned",
    "done",
    "escheat",
    "failed",
    "find",
    "not_paid_out",
    "of_account",
    "of_key",
    "remit",
    "request",
    "send_due",
]
