"""What a talk costs, and on which of the house's accounts it stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from accounts.chart import ADDITIVE, BASE, TAXES
from rating.engine import charge
from rating.terms import Charge, Quote
from store.types import AnyRow

# What isn't revenue is a tax or a fee, to be passed on.
REVENUE: Final = {"base": BASE, "additive": ADDITIVE}
# What is given back of a call that the platform or the network has cut.
CREDITED_SECONDS: Final = 60


def talk_ms(call: AnyRow) -> int:
    """Milliseconds from acceptance to the first hang-up; none unless the parties were joined."""
    if call.accepted_at is None or call.talking_at is None:
        return 0
    talk: timedelta = call.ended_at - call.accepted_at
    return max(0, talk // timedelta(milliseconds=1))


def charge_of(call: AnyRow, talked_ms: int) -> Charge | None:
    """The charge of an ended call: for the talk, for no more than was held. None without terms."""
    terms = (call.decision or {}).get("terms")
    if terms is None:
        return None
    # Nothing is paid for before the acceptance.
    return charge(Quote.from_json(terms), min(talked_ms // 1000, call.paid_seconds or 0))


def dropped_credit(call: AnyRow, charged: Charge | None) -> int:
    """Cents of the last minute, which nobody pays for when the call was cut by us or the network.

    A call of less than a minute is free then.
    """
    if charged is None:
        return 0
    terms = Quote.from_json(call.decision["terms"])
    before = charge(terms, max(0, charged.seconds - CREDITED_SECONDS))
    return charged.total_cents - before.total_cents


def by_house_account(charged: Charge | None) -> dict[str, int]:
    """Cents by house account."""
    lines = charged.lines if charged else ()
    used: dict[str, int] = {}
    for line in lines:
        house = REVENUE.get(line.kind, TAXES)
        used[house] = used.get(house, 0) + line.cents
    return used
