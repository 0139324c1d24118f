"""The money that is held before a call is dialled: for its first slice, or for the whole talk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from accounts import holds
from calls.payer import Payer
from rating.engine import affordable_seconds, charge
from rating.terms import Quote
from store.settings import CallSettings

# Longer than any ringing, menu and leave-taking around the talk itself.
LEASE_MARGIN = timedelta(minutes=5)


@dataclass(frozen=True)
class Talk:
    """Of which call, at which price, the ``first`` of the ``affordable`` seconds are paid for."""

    call_id: str
    terms: Quote
    first: int
    affordable: int


@dataclass(frozen=True)
class Held:
    """What was set aside, and for how many seconds. ``all_there_is``: no more is on the account."""

    cents: int
    seconds: int
    all_there_is: bool


def first_slice(paying: Payer, affordable: int, settings: CallSettings) -> int:
    """Seconds: short where other calls live on the account, so that all of them can begin."""
    first = settings.slice_seconds if paying.held_cents else settings.first_slice_seconds
    return min(affordable, first)


def set_aside(connection: Connection, paying: Payer, talk: Talk, at: datetime) -> Held | None:
    """Hold the money of the talk's first seconds. None: there is none for a single second."""
    lease = at + timedelta(seconds=talk.first) + LEASE_MARGIN
    cents = charge(talk.terms, talk.first).total_cents
    first = holds.Slice(talk.call_id, 0, paying.account_id, cents, at, lease)
    held = holds.authorize(connection, first, charge(talk.terms, 1).total_cents)
    # Another call may have taken money since it was looked at.
    if held is None or held == cents:
        return None if held is None else Held(held, talk.first, all_there_is=False)
    return Held(held, affordable_seconds(talk.terms, held, talk.affordable), all_there_is=True)
