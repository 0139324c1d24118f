"""The called party blocks a caller or a facility, thinks again, or has staff lift it later."""

from __future__ import annotations

import pytest

from calls.reasons import Reason
from tests.calls.conftest import Cast
from tests.calls.refusing import hears, hears_why
from tests.calls.scene import Scene

both_languages = pytest.mark.parametrize("language", ["en", "es"])
PERSON, FACILITY = "1", "2"
CONFIRM = {PERSON: "called-block-person-confirm", FACILITY: "called-block-facility-confirm"}


@hears(Reason.BLOCKED_CALLED_PARTY)
@pytest.mark.long
@both_languages
def test_a_person_is_blocked_until_staff_lift_it(cast: Cast, language: str) -> None:
    scene, other = cast(), cast()
    scene.dial(language=language)
    blocks(scene, PERSON, language)
    scene.hears(scene.sam, "goodbye")
    scene.sam.wait_disconnected()
    scene.hears(scene.alex, "outcome-declined")
    scene.key_at(scene.alex, "next-call", "1")
    hears_why(scene, Reason.BLOCKED_CALLED_PARTY)
    scene.alex.hangup()
    first, second = scene.records()
    assert (first.cause, second.cause) == ("blocked_by_called", "refused")
    assert "blocked" in first.states
    assert scene.nothing_charged()

    gets_through(other, scene)
    listed = scene.order("number", "list", scene.number)
    assert f"for person {scene.person}" in listed
    assert f"called party, call {first.call_id}" in listed
    lifted = ("--person", scene.person, "--cause", "called_party", "--by", "sergeant")
    scene.order("number", "unblock", scene.number, *lifted)
    gets_through(scene, scene)


@hears(Reason.BLOCKED_CALLED_PARTY)
def test_a_facility_is_blocked_until_staff_lift_it(cast: Cast) -> None:
    scene, other = cast(), cast()
    scene.dial()
    blocks(scene, FACILITY)
    scene.hears(scene.sam, "called-block-help-facility")
    scene.alex.hangup()
    assert scene.record().cause == "blocked_by_called"
    other.dial(scene.number)
    hears_why(other, Reason.BLOCKED_CALLED_PARTY)
    other.alex.hangup()

    lifted = ("--facility", "millbrook", "--cause", "called_party", "--by", "sergeant")
    scene.order("number", "unblock", scene.number, *lifted)
    gets_through(other, scene)
    assert scene.nothing_charged()


@both_languages
def test_a_block_is_undone_at_once(scene: Scene, language: str) -> None:
    scene.dial()
    blocks(scene, FACILITY, language)
    scene.sam.press("1")
    scene.hears(scene.sam, "called-unblocked")
    scene.sam.wait_disconnected()
    scene.hears(scene.alex, "outcome-declined")
    scene.key_at(scene.alex, "next-call", "1")
    scene.sam.wait_incoming()
    scene.alex.hangup()
    assert [one.cause for one in scene.records()] == ["declined", "caller_hung_up"]
    assert scene.nothing_charged()


def blocks(scene: Scene, scope: str, language: str = "en") -> None:
    """Sam answers, blocks and confirms, and hears that it is done."""
    scene.answer(language)
    scene.choose("7")
    scene.key_at(scene.sam, "called-block", scope)
    scene.key_at(scene.sam, CONFIRM[scope], "1")
    scene.hears(scene.sam, "called-blocked")


def gets_through(caller: Scene, called: Scene) -> None:
    """A call rings at Sam's; it is refused, this once."""
    caller.dial(called.number)
    called.answer()
    called.choose("3")
    called.hears(called.sam, "called-refused")
    caller.hears(caller.alex, "outcome-declined")
    caller.alex.hangup()
    assert caller.record().cause == "declined"
