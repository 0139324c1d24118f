"""Calls that end before anything rings: each with its reason, heard, and its code on the CDR."""

from __future__ import annotations

import pytest

from blocklists import lists
from calls.reasons import Reason
from phones.phone import Phone
from tests.calls.conftest import Cast
from tests.calls.scene import Scene

NEVER_DIALLED = {
    "911": Reason.EMERGENCY,
    "411": Reason.SHORT_CODE,
    "988": Reason.SHORT_CODE,
    "0": Reason.OPERATOR,
    "00": Reason.OPERATOR,
    "10102880": Reason.CARRIER_ACCESS,
    "8005550123": Reason.TOLL_FREE,
    "9005550123": Reason.PREMIUM,
    "2129765555": Reason.PREMIUM,
    "2129505555": Reason.PREMIUM,
    "7005550123": Reason.PREMIUM,
    "2125551212": Reason.DIRECTORY,
    "8765550123": Reason.INTERNATIONAL,
    "01144555012345": Reason.INTERNATIONAL,
    "5550123": Reason.INVALID,
    "*67": Reason.SHORT_CODE,
}
SENTENCES = {
    Reason.EMERGENCY: "refused-emergency",
    Reason.SHORT_CODE: "refused-short-code",
    Reason.OPERATOR: "refused-operator",
    Reason.CARRIER_ACCESS: "refused-carrier-access",
    Reason.TOLL_FREE: "refused-toll-free",
    Reason.PREMIUM: "refused-premium",
    Reason.DIRECTORY: "refused-directory",
    Reason.INTERNATIONAL: "refused-international",
    Reason.INVALID: "refused-invalid",
    Reason.BLOCKED_COURT: "refused-blocked",
    Reason.BLOCKED_FACILITY: "refused-blocked-facility",
    Reason.BLOCKED_CALLED_PARTY: "refused-blocked-called-party",
    Reason.PERSON_NOT_ALLOWED: "refused-person",
    Reason.PHONE_OFF: "refused-phone",
    Reason.NO_ACCOUNT: "refused-no-account",
    Reason.NOT_ENOUGH_MONEY: "refused-not-enough-money",
}


# As many as one off-hook may hold.
@pytest.mark.parametrize("place", range(0, len(NEVER_DIALLED), 4))
def test_never_dialled(scene: Scene, place: int) -> None:
    first, *others = list(NEVER_DIALLED)[place : place + 4]
    scene.dial(first)
    hears_why(scene, NEVER_DIALLED[first])
    for dialled in others:
        scene.key_at_next(scene.alex, "next-call-other", "2")
        scene.enter(dialled)
        hears_why(scene, NEVER_DIALLED[dialled])
    scene.alex.hangup()
    assert scene.nothing_charged()


def test_blocked(scene: Scene) -> None:
    with scene.stack.database.begin() as connection:
        lists.block(connection, scene.number, lists.BlockCause.COURT, "test")
    scene.dial()
    refused(scene, Reason.BLOCKED_COURT)
    assert scene.nothing_charged()


def test_no_account(cast: Cast) -> None:
    scene = cast(deposit_cents=-1)
    scene.dial()
    refused(scene, Reason.NO_ACCOUNT)


@pytest.mark.parametrize("town", ["postgres", "sqlite"], indirect=True)
def test_not_enough_money(cast: Cast) -> None:
    scene = cast(deposit_cents=0)
    scene.dial()
    refused(scene, Reason.NOT_ENOUGH_MONEY)


def test_a_wrong_pin_may_be_tried_again_and_then_no_more(scene: Scene) -> None:
    scene.lift()
    for _ in range(3):
        scene.key_at_next(scene.alex, "enter-id", f"{scene.person}#")
        scene.key_at_next(scene.alex, "enter-pin", "9999#")
        scene.hears_next(scene.alex, "pin-wrong")
    scene.hears(scene.alex, "too-many-tries")
    scene.alex.wait_disconnected(30)
    assert scene.record().cause == "not_identified"
    assert "9999" not in scene.pressed()


def test_a_wrong_pin_then_the_right_one(scene: Scene) -> None:
    scene.lift()
    scene.key_at_next(scene.alex, "enter-id", f"{scene.person}#")
    scene.key_at_next(scene.alex, "enter-pin", "9999#")
    scene.hears_next(scene.alex, "pin-wrong")
    scene.key_at_next(scene.alex, "enter-id", f"{scene.person}#")
    scene.key_at_next(scene.alex, "enter-pin", "4821#")
    scene.begins(scene.alex, "enter-number")
    scene.alex.hangup()
    assert "identified" in scene.record().states


def test_a_number_is_entered_anew_when_it_is_not_confirmed(scene: Scene) -> None:
    scene.lift()
    scene.identify()
    scene.key_at_next(scene.alex, "enter-number", "2025550000#")
    scene.key_at_next(scene.alex, "confirm-number-1", "2")
    scene.key_at_next(scene.alex, "enter-number", f"{scene.number}#")
    scene.key_at_next(scene.alex, "confirm-number-1", "1")
    scene.sam.wait_incoming()
    scene.alex.hangup()
    assert scene.record().dialled == scene.number


def test_an_unknown_device_can_do_nothing(scene: Scene) -> None:
    sip = scene.stack.settings.asterisk
    with Phone("stranger", scene.directory / "stranger") as stranger:
        stranger.call(f"sip:{scene.number}@{sip.bind}:{sip.sip_port}")
        assert stranger.wait_disconnected(15).code in (401, 403, 404)
    scene.lift()
    scene.begins(scene.alex, "enter-id")
    scene.alex.hangup()


def refused(scene: Scene, reason: Reason) -> None:
    """The reason is heard with its code, nothing rings, and the CDR says why."""
    hears_why(scene, reason)
    scene.begins(scene.alex, "next-call-other")
    scene.alex.hangup()


def hears_why(scene: Scene, reason: Reason) -> None:
    """The reason is heard with its code, and stands on the CDR of a call that never rang."""
    scene.hears_next(scene.alex, SENTENCES[reason])
    scene.hears_next(scene.alex, "reference-code-1")
    record = scene.record()
    assert (record.cause, record.refusal_code) == ("refused", reason.code)
    assert record.charged_cents == 0
    assert "ringing" not in record.states
    assert not [event for event in scene.sam.events if event.name == "incoming"]
