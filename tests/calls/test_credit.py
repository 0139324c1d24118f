"""Credit for a call that was cut off: asked for on the same phone, decided by staff."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from ivr_prompts.saying import Date, Digits, Duration, Money, Sentence, TimeOfDay
from parloir.money import dollars
from store.types import AnyRow
from tests.calls.scene import Scene


@pytest.mark.parametrize("language", ["en", "es"])
def test_credit_is_asked_for_once_and_paid_back_to_the_cent(scene: Scene, language: str) -> None:
    scene.dial(language=language)
    scene.answer()
    scene.choose()
    scene.talk()
    scene.sam.hangup()
    scene.hears_next(scene.alex, "called-hung-up")
    record = scene.record()
    scene.key_at_next(scene.alex, "next-call", "2")
    assert scene.balance().balance_cents == 2500 - record.charged_cents < 2500

    scene.key_at_next(scene.alex, "enter-number", "*#")
    scene.key_at_next(scene.alex, "more-balance", "2")
    scene.told(scene.alex, offer_of(record))
    scene.alex.press("1")
    scene.hears_next(scene.alex, "credit-asked")
    scene.key_at_next(scene.alex, "more-balance", "2")
    scene.hears_next(scene.alex, "credit-none")
    scene.alex.hangup()

    amount = dollars(record.charged_cents)
    (asked,) = [one for one in scene.order("credit", "list").splitlines() if scene.person in one]
    assert record.call_id in asked
    assert f"{amount} from {scene.account}" in asked
    by_staff = ("--by", "sergeant", "--note", "the line was bad")
    scene.order("credit", "grant", record.call_id, amount, *by_staff)
    assert scene.nothing_charged()
    assert scene.person not in scene.order("credit", "list")
    assert [one.cause for one in scene.records()] == ["called_hung_up", "caller_hung_up"]


def offer_of(record: AnyRow) -> Sentence:
    """The call as it is told to the caller, in the facility's time."""
    began = record.started_at.astimezone(ZoneInfo("America/New_York"))
    return Sentence(
        "credit-offer",
        number=Digits(record.number.removeprefix("+1")),
        day=Date(began.date()),
        at=TimeOfDay(began.hour, began.minute),
        talked=Duration(record.talk_ms // 1000),
        cost=Money(record.charged_cents),
    )
