"""Orders while a call lives: a court's in a ring, privilege in a recorded talk, a release."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdr import quarantine
from store.tables import facilities
from store.types import AnyRow
from tests.calls.books import wait_for
from tests.calls.conftest import Cast
from tests.calls.scene import Scene

SENTENCE = "call-ended-by-order"


def test_a_court_order_in_a_ring_stops_the_call(scene: Scene) -> None:
    scene.dial()
    scene.sam.wait_incoming()
    court_order(scene)
    scene.hears(scene.alex, SENTENCE)
    scene.sam.wait_disconnected()
    scene.alex.hangup()
    ordered(scene, "cut_off")
    assert scene.nothing_charged()


def test_a_court_order_at_the_menu_stops_the_call(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.begins(scene.sam, "called-intro-1")
    court_order(scene)
    for phone in (scene.sam, scene.alex):
        scene.hears(phone, SENTENCE)
    scene.alex.hangup()
    ordered(scene, "cut_off")
    assert scene.nothing_charged()


def test_a_number_made_privileged_in_a_recorded_talk(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.choose()
    scene.talk()
    (raw,) = scene.audio()
    scene.order("privilege", "add", scene.number, "--proof", "letter", "--by", "bar desk")
    stopped = wait_for(lambda: still(scene, raw), "end of the recording")
    scene.talk()
    assert raw.stat().st_size == stopped, "not a moment more of it"
    scene.sam.hangup()
    scene.begins(scene.alex, "called-hung-up")
    scene.alex.hangup()
    record = scene.record()
    assert (record.privileged, record.recorded) == (True, False)
    assert record.cause == "called_hung_up"
    kept = wait_for(lambda: [one for one in scene.audio() if one != raw] or None, "quarantine")
    assert [one.stat().st_mode & 0o777 for one in kept] == [quarantine.OWNER_READS]
    assert not raw.exists()
    assert record.recording_path is None


@pytest.mark.parametrize("town", ["postgres", "sqlite"], indirect=True)
def test_who_is_released_in_a_talk(cast: Cast) -> None:
    scene = cast(facility="county")
    with scene.stack.database.begin() as connection:
        this = facilities.c.id == "county"
        connection.execute(facilities.update().where(this).values(ends_live_calls=True))
    scene.dial()
    scene.answer()
    scene.choose()
    scene.talk()
    scene.order(
        "person", "status", scene.person, "released", "--by", "desk", "--note", "time served"
    )
    for phone in (scene.sam, scene.alex):
        scene.hears(phone, SENTENCE)
    scene.alex.hangup()
    record = ordered(scene, "cut_off")
    assert record.talk_ms > 1000
    assert record.credited_cents == 0


def court_order(scene: Scene) -> None:
    """A judge forbids any contact with Sam's number."""
    words = ("--note", "case 26-1041", "--until", "2099-12-31", "--by", "clerk")
    scene.order("number", "block", scene.number, "--cause", "court", *words)


def ordered(scene: Scene, cause: str) -> AnyRow:
    """Ended as it was ordered, by everybody's account."""
    record = scene.record()
    assert record.cause == cause
    return record


def still(scene: Scene, raw: Path) -> int | None:
    """The length of a recording that grows no more, once it was ordered to stop."""
    if not scene.call().privileged:
        return None
    before = raw.stat().st_size
    scene.talk()
    return before if raw.stat().st_size == before else None
