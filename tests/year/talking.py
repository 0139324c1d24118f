"""Calls of a day: most are written as an accepted call stands, some are decided from the start."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select

from accounts import collect, holds
from accounts.billability import by_table
from accounts.products import ProductId
from calls import answering, opening
from calls.charging import by_house_account
from calls.decided import Decision
from calls.decision import authorize
from calls.ending import CALLED, CALLER, Ending, end
from calls.reasons import PaidBy
from rating import deckstore
from rating.engine import affordable_seconds, charge, quote
from rating.rules import FEDERAL_ONLY
from rating.terms import Quote
from store.settings import CallSettings
from store.tables import accounts, calls
from tests.builders import accept
from tests.year.day import Day
from tests.year.place import JAIL, PHONE, TERMS, Holding

SETTINGS = CallSettings()
NETWORK_LOST = 38
LIVING = ("open", "provisional")


class Talking:
    """Who calls whom; counts what became of it."""

    def __init__(self) -> None:
        self.made = self.refused = 0
        self._ids = count(1)
        self._prices = FEDERAL_ONLY

    def a_day(self, day: Day, callers: list[Holding], decided: float) -> None:
        """A call of each, one after the other; a share of them decided from the start."""
        its = select(accounts.c.id, accounts.c.status)
        ids = [one.account for one in callers]
        self._prices = deckstore.prices(day.connection)
        found = day.connection.execute(its.where(accounts.c.id.in_(ids))).all()
        status = {row.id: row.status for row in found}
        for number, one in enumerate(callers):
            at = day.hour(9) + timedelta(minutes=20 * number)
            new = one.product is ProductId.TRADITIONAL_COLLECT
            if day.happens(decided):
                talked = self._decided(day, one, at)
            else:
                able = status.get(one.account, "provisional" if new else "closed") in LIVING
                talked = able and self._straight(day, one, at)
            self.made += talked
            self.refused += not talked

    def _decided(self, day: Day, one: Holding, at: datetime) -> bool:
        call_id = opening.open_call(day, PHONE, f"c{next(self._ids)}", at)
        assert call_id is not None
        who = {"person_id": _person_of(one), "identified_at": at}
        day.connection.execute(calls.update().where(calls.c.id == call_id).values(who))
        by = PaidBy.CALLER if one.product is ProductId.INMATE_DEBIT else PaidBy.CALLED
        decision = authorize(day, call_id, one.number[2:], at, by)
        if decision.reason is not None:
            assert end(day, call_id, Ending(CALLER, at))
            return False
        assert answering.answered(day, call_id, f"d{call_id}", at, at) is not None
        assert accept(day, call_id, at) is not None
        seconds = min(day.chance.randint(1, 700), decision.affordable_seconds, 60)
        return end(day, call_id, Ending(CALLED, at + timedelta(seconds=seconds), joined_at=at))

    def _straight(self, day: Day, one: Holding, at: datetime) -> bool:
        if not _may(day, one, at):
            return False
        terms = quote(TERMS, one.number, at, prices=self._prices, account_type=one.product.value)
        wanted = day.chance.randint(30, 900)
        call_id = f"Y{next(self._ids):09}"
        cents = charge(terms, wanted).total_cents
        first = holds.Slice(call_id, 0, one.account, cents, at, at + timedelta(hours=1))
        day.connection.execute(calls.insert(), _accepted(call_id, one, terms, wanted, at))
        held = holds.authorize(day.connection, first, charge(terms, 1).total_cents)
        if held is None:
            day.connection.execute(calls.delete().where(calls.c.id == call_id))
            return False
        if one.product is ProductId.TRADITIONAL_COLLECT:
            collect.accepted(day.connection, one.account, call_id, at)
        seconds = affordable_seconds(terms, held, wanted)
        if day.happens(0.15):
            _renew(day, one, call_id, terms, seconds, held, at)
        lost = NETWORK_LOST if day.happens(0.02) else None
        leg = day.chance.choice((CALLER, CALLED))
        ended = Ending(leg, at + timedelta(seconds=seconds - 1), joined_at=at, hangup_cause=lost)
        return end(day, call_id, ended)


def _may(day: Day, one: Holding, at: datetime) -> bool:
    if one.product is not ProductId.TRADITIONAL_COLLECT:
        return True
    if by_table(day.connection, one.number) is None:
        return False
    room = collect.room(day.connection, one.number, SETTINGS, at)
    return room.status in LIVING and room.available_cents > 0 and room.calls_left > 0


def _renew(
    day: Day, one: Holding, call_id: str, terms: Quote, seconds: int, held: int, at: datetime
) -> None:
    used = charge(terms, seconds // 2)
    then = at + timedelta(seconds=seconds // 2)
    rest = held - used.total_cents
    following = holds.Slice(call_id, 1, one.account, rest, then, then + timedelta(hours=1))
    assert holds.renew(day.connection, by_house_account(used), following) == rest


def _accepted(
    call_id: str, one: Holding, terms: Quote, seconds: int, at: datetime
) -> dict[str, object]:
    decision = Decision(
        one.number,
        limit_seconds=seconds,
        account_id=one.account,
        product=one.product.value,
        terms=terms,
        affordable_seconds=seconds,
    )
    before = {f"{name}_at": at - timedelta(seconds=30) for name in ("offhook", "identified")}
    since = {f"{name}_at": at for name in ("authorized", "ringing", "answered", "greeted")}
    return {
        "id": call_id,
        "facility_id": JAIL,
        "phone_id": PHONE,
        "caller_channel": call_id,
        "person_id": _person_of(one),
        "dialled": one.number[2:],
        "number": one.number,
        "account_id": one.account,
        "decision": decision.as_json(),
        "recorded": False,
        "privileged": False,
        "limit_seconds": seconds,
        "paid_seconds": seconds,
        "accepted_at": at,
        **before,
        **since,
    }


def _person_of(one: Holding) -> str:
    return one.person
