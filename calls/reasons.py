"""Why a call is refused before anything rings, each with the code that staff can look up."""

from __future__ import annotations

from enum import Enum, StrEnum

from blocklists.lists import BlockCause
from blocklists.numbers import Never


class PaidBy(StrEnum):
    """Who pays, as the caller has chosen: the one who is called (collect), or the caller."""

    CALLED = "called"
    CALLER = "caller"


class Reason(Enum):
    """A refusal: its name and the code that is spoken with it."""

    EMERGENCY = 101
    SHORT_CODE = 102
    OPERATOR = 103
    CARRIER_ACCESS = 104
    TOLL_FREE = 105
    PREMIUM = 106
    DIRECTORY = 107
    INTERNATIONAL = 108
    INVALID = 109
    BLOCKED_FACILITY = 201
    BLOCKED_COURT = 202
    BLOCKED_SECURITY = 203
    BLOCKED_PROVIDER = 204
    BLOCKED_CALLED_PARTY = 205
    BLOCKED_VELOCITY = 206
    NOT_ON_LIST = 207
    LIST_FULL = 208
    PERSON_NOT_ALLOWED = 301
    PHONE_OFF = 302
    NO_TIME_LEFT = 303
    OUTSIDE_HOURS = 304
    TOO_MANY_CALLS = 305
    TOO_SOON = 306
    ANOTHER_CALL = 307
    TOO_MANY_ATTEMPTS = 308
    CALLS_OFF = 309
    NO_ACCOUNT = 401
    NOT_ENOUGH_MONEY = 402
    NO_RATE = 403
    NO_DEBIT_ACCOUNT = 404
    DEBIT_EMPTY = 405
    ACCOUNT_SUSPENDED = 406
    BILL_OVERDUE = 407
    CREDIT_LIMIT = 408
    COLLECT_LIMIT = 409
    TOO_MANY_COLLECT_CALLS = 410
    DEBIT_SUSPENDED = 411

    @property
    def code(self) -> int:
        """The number that the line says and staff look up."""
        return self.value


def never_dialled(why: Never) -> Reason:
    """The refusal for a number that is never dialled."""
    return Reason[why.name]


def blocked(cause: BlockCause) -> Reason:
    """The refusal for a number that is blocked."""
    return Reason[f"BLOCKED_{cause.name}"]
