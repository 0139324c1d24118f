"""What staff have set refuses a call: heard with its code, and no longer when it is changed."""

from __future__ import annotations

from calls.reasons import Reason
from tests.calls.refusing import another, ask, hears, hears_why, refused_again
from tests.calls.scene import Scene

OTHER_NUMBER = "6145550123"


@hears(Reason.NOT_ON_LIST, Reason.LIST_FULL, Reason.CALLS_OFF)
def test_a_list_and_calls_that_are_off(scene: Scene) -> None:
    ask(scene, "pan", "allow_list 3")
    scene.order("pan", "add", scene.person, OTHER_NUMBER, "--by", "sergeant")
    scene.dial()
    hears_why(scene, Reason.NOT_ON_LIST)
    another(scene)
    ask(scene, "pan", "self_learning 1")
    refused_again(scene, Reason.LIST_FULL)
    another(scene)
    ask(scene, "calls", "off", "phone", scene.phone_id)
    refused_again(scene, Reason.CALLS_OFF)
    scene.alex.hangup()
    assert scene.nothing_charged()


@hears(Reason.TOO_MANY_CALLS, Reason.TOO_SOON, Reason.BLOCKED_VELOCITY)
def test_calls_that_were_made_before(scene: Scene) -> None:
    ask(scene, "calls_per_week", "1", "number", scene.number)
    scene.dial()
    scene.answer()
    scene.choose()
    scene.talk()
    scene.sam.hangup()
    scene.key_at_next(scene.alex, "next-call", "1")
    hears_why(scene, Reason.TOO_MANY_CALLS)
    another(scene)
    ask(scene, "pause_seconds", "600")
    refused_again(scene, Reason.TOO_SOON)
    another(scene)
    ask(scene, "pause_seconds", "0")
    ask(scene, "attempts", "1 in 60")
    refused_again(scene, Reason.BLOCKED_VELOCITY)
    scene.alex.hangup()
    first, *others = scene.records()
    assert [first.cause, *(one.cause for one in others)] == ["called_hung_up", *["refused"] * 3]
    assert scene.balance().balance_cents == 2500 - first.charged_cents < 2500
    assert scene.balance().held_cents == 0
    assert f"for person {scene.person}" in scene.order("number", "list", scene.number)


@hears(Reason.TOO_MANY_ATTEMPTS)
def test_calls_that_were_declined(scene: Scene) -> None:
    ask(scene, "refusals", "1 in 60")
    scene.dial(language="es")
    scene.answer()
    scene.choose("3")
    scene.key_at_next(scene.alex, "next-call", "1")
    hears_why(scene, Reason.TOO_MANY_ATTEMPTS)
    scene.alex.hangup()
    assert [one.cause for one in scene.records()] == ["declined", "refused"]
    assert scene.nothing_charged()


@hears(Reason.PERSON_NOT_ALLOWED)
def test_who_is_segregated_calls_a_lawyer_and_nobody_else(scene: Scene) -> None:
    why = ("--by", "sergeant", "--note", "kept apart")
    scene.order("person", "status", scene.person, "segregated", *why)
    scene.dial()
    hears_why(scene, Reason.PERSON_NOT_ALLOWED)
    another(scene)
    proof = ("--proof", "letter of the bar", "--by", "bar desk")
    scene.order("privilege", "add", scene.number, *proof)
    scene.enter()
    scene.answer()
    scene.choose("3")
    scene.hears_next(scene.alex, "outcome-declined")
    scene.alex.hangup()
    assert [one.cause for one in scene.records()] == ["refused", "declined"]
    assert (scene.record().privileged, scene.record().recorded) == (True, False)
    assert scene.nothing_charged()
