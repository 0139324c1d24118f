"""Either party hangs up at each prompt off the straight way: the books are right all the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.calls.conftest import Cast
from tests.calls.scene import Scene


def chosen(scene: Scene) -> None:
    """Alex has given ID and PIN."""
    scene.lift()
    scene.identify()


def to_pay(scene: Scene) -> None:
    """Alex has money and a number."""
    scene.open_own(500)
    scene.dial()


def star(scene: Scene) -> None:
    """Alex asks for more choices."""
    chosen(scene)
    scene.key_at(scene.alex, "enter-number", "*#")


def busy(scene: Scene) -> None:
    """Sam is busy."""
    scene.dial()
    scene.sam.wait_incoming()
    scene.sam.answer(486)


def cut_off(scene: Scene) -> None:
    """Alex has talked and wants the money back."""
    scene.dial()
    scene.answer()
    scene.choose()
    scene.talk()
    scene.sam.hangup()
    scene.key_at(scene.alex, "next-call", "2")
    scene.key_at_next(scene.alex, "enter-number", "*#")
    scene.key_at_next(scene.alex, "more-balance", "2")


AT: dict[str, tuple[Callable[[Scene], None], str]] = {
    "pin-choose": (chosen, "caller_hung_up"),
    "name-record": (chosen, "caller_hung_up"),
    "how-to-pay-1": (to_pay, "caller_hung_up"),
    "more-balance": (star, "caller_hung_up"),
    "next-call": (busy, "busy"),
    "credit-offer-1": (cut_off, "caller_hung_up"),
}
KEYS = {"called-block": "1", "called-block-person-confirm": "1", "called-blocked": ""}


@pytest.mark.parametrize("at", AT)
def test_the_caller_hangs_up(cast: Cast, at: str) -> None:
    facility = "named" if at == "name-record" else "millbrook"
    scene = cast(facility=facility, chosen=at != "pin-choose")
    act, cause = AT[at]
    act(scene)
    scene.begins(scene.alex, at)
    scene.alex.hangup()
    assert scene.record().cause == cause
    cents = sum(one.charged_cents for one in scene.records())
    assert scene.balance().balance_cents == 2500 - cents
    assert scene.balance().held_cents == 0


@pytest.mark.parametrize("at", KEYS)
def test_the_called_party_hangs_up(scene: Scene, at: str) -> None:
    scene.dial()
    scene.answer()
    scene.choose("7")
    for prompt in list(KEYS)[: list(KEYS).index(at)]:
        scene.key_at(scene.sam, prompt, KEYS[prompt])
    scene.begins(scene.sam, at)
    scene.sam.hangup()
    scene.hears(scene.alex, "outcome-declined")
    scene.alex.hangup()
    blocked = at == "called-blocked"
    assert scene.record().cause == ("blocked_by_called" if blocked else "called_hung_up")
    assert ("blocked" in scene.record().states) is blocked
    assert scene.nothing_charged()
