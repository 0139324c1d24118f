"""The caller's other choices: the own balance, the time left today, credit for a dropped call."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from agi.line import SILENCE_MS, TRIES
from agi.scripts.following import Caller
from calls.credits import Creditable, ask, creditable
from calls.standing import Standing, inquire
from ivr_prompts.saying import Date, Digits, Duration, Money, Sentence, TimeOfDay

BALANCE, CREDIT, BACK = "1", "2", "0"
_MENU = (Sentence("more-balance"), Sentence("more-credit"), Sentence("more-back"))


def tell(caller: Caller) -> None:
    """Until the caller goes back, or says nothing."""
    for _ in range(TRIES):
        key = caller.line.ask(*_MENU, digits=1, silence_ms=SILENCE_MS)
        if key == BALANCE:
            _balance(caller)
        elif key == CREDIT:
            _credit(caller)
        elif key in ("", BACK):
            return
        else:
            caller.line.say(Sentence("not-understood"))


def _balance(caller: Caller) -> None:
    context = caller.line.context
    found = inquire(context.database, caller.person.id, context.now())
    caller.line.say(*_standing(found))


def _standing(found: Standing) -> Iterator[Sentence]:
    if found.debit_cents is None:
        yield Sentence("balance-none")
    else:
        yield Sentence("balance", balance=Money(found.debit_cents))
    if found.seconds_left_today is None:
        yield Sentence("minutes-free")
    else:
        yield Sentence("minutes-left", left=Duration(found.seconds_left_today))


def _credit(caller: Caller) -> None:
    line, context = caller.line, caller.line.context
    found = creditable(context.database, caller.call_id, context.now())
    if found is None:
        line.say(Sentence("credit-none"))
    elif line.ask(_offer(found), digits=1) == "1":
        asked = ask(context.database, found.call_id, context.now())
        line.say(Sentence("credit-asked" if asked else "credit-none"))


def _offer(found: Creditable) -> Sentence:
    began = found.started_at.astimezone(ZoneInfo(found.timezone))
    return Sentence(
        "credit-offer",
        number=Digits(found.number.removeprefix("+1")),
        day=Date(began.date()),
        at=TimeOfDay(began.hour, began.minute),
        talked=Duration(found.talk_seconds),
        cost=Money(found.cents),
    )
