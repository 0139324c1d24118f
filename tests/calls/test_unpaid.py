"""Calls that nobody pays, or that have no price: each refused with its reason."""

from __future__ import annotations

from calls.reasons import Reason
from tests.calls.conftest import Cast
from tests.calls.refusing import another, hears, hears_why, refused

IN_STATE = "6145550123"


@hears(Reason.NO_RATE, Reason.NO_DEBIT_ACCOUNT)
def test_no_price_and_an_own_account_that_is_closed_meanwhile(cast: Cast) -> None:
    scene = cast(facility="waived")
    own = scene.open_own(500)
    scene.dial(IN_STATE)
    scene.key_at_next(scene.alex, "how-to-pay-1", "1")
    hears_why(scene, Reason.NO_RATE)
    another(scene)
    scene.enter()
    scene.begins_next(scene.alex, "how-to-pay-1")
    scene.order("account", "close", own, "--cause", "requested", "--by", "desk", "--note", "asked")
    scene.alex.press("2")
    refused(scene, Reason.NO_DEBIT_ACCOUNT)
    assert scene.nothing_charged()
