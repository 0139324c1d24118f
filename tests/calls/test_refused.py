"""Calls that end before anything rings: each with its reason, heard, and its code on the CDR."""

from __future__ import annotations

import pytest

from calls.reasons import Reason
from phones.phone import Phone
from tests.calls.conftest import Cast
from tests.calls.refusing import another, hears, hears_why, refused, refused_again
from tests.calls.scene import Scene

# As many as one off-hook may hold.
NEVER_DIALLED: tuple[dict[str, Reason], ...] = (
    {
        "911": Reason.EMERGENCY,
        "411": Reason.SHORT_CODE,
        "988": Reason.SHORT_CODE,
        "0": Reason.OPERATOR,
    },
    {
        "00": Reason.OPERATOR,
        "10102880": Reason.CARRIER_ACCESS,
        "8005550123": Reason.TOLL_FREE,
        "9005550123": Reason.PREMIUM,
    },
    {
        "2129765555": Reason.PREMIUM,
        "2129505555": Reason.PREMIUM,
        "7005550123": Reason.PREMIUM,
        "2125551212": Reason.DIRECTORY,
    },
    {
        "8765550123": Reason.INTERNATIONAL,
        "01144555012345": Reason.INTERNATIONAL,
        "5550123": Reason.INVALID,
        "*67": Reason.SHORT_CODE,
    },
)


@pytest.mark.parametrize(
    "numbers",
    [pytest.param(one, marks=hears(*one.values()), id=next(iter(one))) for one in NEVER_DIALLED],
)
def test_never_dialled(scene: Scene, numbers: dict[str, Reason]) -> None:
    (first, why), *others = numbers.items()
    scene.dial(first)
    hears_why(scene, why)
    for dialled, reason in others:
        another(scene)
        refused_again(scene, reason, dialled)
    scene.alex.hangup()
    assert scene.nothing_charged()


@hears(
    Reason.BLOCKED_PROVIDER,
    Reason.BLOCKED_FACILITY,
    Reason.BLOCKED_SECURITY,
    Reason.BLOCKED_COURT,
)
def test_blocked(scene: Scene) -> None:
    block(scene, "provider")
    scene.dial()
    hears_why(scene, Reason.BLOCKED_PROVIDER)
    # Each binds more than the ones before.
    another(scene)
    block(scene, "facility", "--facility", "millbrook")
    refused_again(scene, Reason.BLOCKED_FACILITY)
    another(scene)
    block(scene, "security", "--person", scene.person, "--note", "a threat")
    refused_again(scene, Reason.BLOCKED_SECURITY)
    another(scene)
    block(scene, "court", "--note", "case 26-1042", "--until", "2099-12-31")
    refused_again(scene, Reason.BLOCKED_COURT)
    scene.alex.hangup()
    assert scene.nothing_charged()


def block(scene: Scene, cause: str, *words: str) -> None:
    """Sam's number is blocked."""
    scene.order("number", "block", scene.number, "--cause", cause, "--by", "sergeant", *words)


@hears(Reason.NO_ACCOUNT)
def test_no_account(cast: Cast) -> None:
    scene = cast(deposit_cents=-1)
    scene.dial()
    refused(scene, Reason.NO_ACCOUNT)


@hears(Reason.NOT_ENOUGH_MONEY)
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
