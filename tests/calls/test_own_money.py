"""Calls that the caller pays: from the own account, within the time of the day."""

from __future__ import annotations

import pytest

from calls.reasons import Reason
from ivr_prompts.saying import Duration, Money, Sentence
from rating.engine import charge
from rating.terms import Quote
from tests.calls.conftest import Cast
from tests.calls.refusing import hears, hears_why
from tests.calls.scene import Scene

both_languages = pytest.mark.parametrize("language", ["en", "es"])


@both_languages
def test_the_callers_own_account_pays(scene: Scene, language: str) -> None:
    own = scene.open_own(2125)
    scene.dial(language=language)
    scene.told(scene.alex, Sentence("how-to-pay", balance=Money(2125)))
    scene.alex.press("2")
    scene.answer(language)
    scene.choose("2")
    scene.told(scene.sam, Sentence("called-price-caller-pays", longest=Duration(900)))
    scene.sam.press("1")
    scene.talk()
    scene.sam.hangup()
    scene.hears(scene.alex, "called-hung-up")
    scene.alex.hangup()

    record = scene.sealed()
    assert (record.cause, record.product) == ("called_hung_up", "inmate_debit")
    assert record.account_id == own
    priced = charge(Quote.from_json(record.quote), record.billed_seconds)
    assert record.charged_cents == priced.total_cents > 0
    assert scene.balance(own).balance_cents == 2125 - record.charged_cents
    assert scene.balance(own).held_cents == 0
    assert scene.nothing_charged()


@hears(Reason.NO_TIME_LEFT)
@pytest.mark.long
@both_languages
def test_the_balance_and_the_time_left_until_it_is_used_up(cast: Cast, language: str) -> None:
    scene = cast(facility="daily")
    own = scene.open_own(1000)
    scene.lift(language)
    scene.identify()
    scene.key_at_next(scene.alex, "enter-number", "*#")
    scene.key_at_next(scene.alex, "more-balance", "1")
    left = Sentence("minutes-left", left=Duration(60))
    scene.told(scene.alex, Sentence("balance", balance=Money(1000)), left)
    scene.key_at_next(scene.alex, "more-balance", "0")
    scene.key_at_next(scene.alex, "enter-number", f"{scene.number}#")
    scene.key_at(scene.alex, "confirm-number-1", "1")
    scene.key_at(scene.alex, "how-to-pay-1", "2")
    scene.told(scene.alex, Sentence("under-a-minute", left=Duration(60)))
    scene.answer()
    scene.choose()
    scene.talk()
    scene.hears(scene.alex, "time-is-over", 75)
    scene.key_at(scene.alex, "next-call", "1")
    scene.key_at_next(scene.alex, "how-to-pay-1", "2")
    hears_why(scene, Reason.NO_TIME_LEFT)
    scene.alex.hangup()

    first, second = scene.records()
    assert (first.cause, first.billed_seconds, first.charged_cents) == ("limit", 60, 11)
    assert (second.cause, second.charged_cents) == ("refused", 0)
    assert scene.balance(own).balance_cents == 1000 - 11
    assert scene.nothing_charged()


@hears(Reason.DEBIT_EMPTY)
@both_languages
def test_what_another_call_holds_pays_for_no_second_one(cast: Cast, language: str) -> None:
    first, second = cast(), cast()
    # To the cent what the first slice costs.
    own = first.open_own(2)
    second.person = first.person
    second.dial(language=language)
    second.begins_next(second.alex, "how-to-pay-1")
    first.dial()
    first.key_at(first.alex, "how-to-pay-1", "2")
    first.sam.wait_incoming()
    second.key_at_next(second.alex, "how-to-pay-1", "2")
    hears_why(second, Reason.DEBIT_EMPTY)
    second.alex.hangup()
    assert second.nothing_charged()
    first.alex.hangup()
    assert first.record().cause == "caller_hung_up"
    assert (first.balance(own).balance_cents, first.balance(own).held_cents) == (2, 0)
