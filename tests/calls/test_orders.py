"""Orders while a call lives: a court's, privilege, the policy's, a list's, a release."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from blocklists.privilege.registry import mark_privileged
from calls import orders
from cdr import quarantine, recordings
from cdr.recordings import FRAME_BYTES, SAMPLE_RATE
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


def test_record_off_in_a_recorded_talk_keeps_what_there_is(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.choose()
    scene.talk()
    (raw,) = scene.audio()
    scene.order("policy", "set", "phone", scene.phone_id, "record", "off", "--note", "a consul")
    stopped = wait_for(lambda: unless_it_grows(scene, raw), "end of the recording")
    scene.talk()
    assert raw.stat().st_size == stopped, "not a moment more of it"
    scene.sam.hangup()
    scene.begins(scene.alex, "called-hung-up")
    scene.alex.hangup()
    record = scene.sealed()
    assert (record.privileged, record.recorded, record.cause) == (False, True, "called_hung_up")
    assert (
        record.recording_ms == stopped // FRAME_BYTES * 1000 // SAMPLE_RATE < record.talk_ms - 2000
    )
    with wave.open(record.recording_path) as kept:
        assert kept.getnframes() == stopped // FRAME_BYTES
        assert any(kept.readframes(kept.getnframes()))
    (order,) = ordered_about(scene)
    assert (order.kind, order.cause.partition(" (")[0]) == ("stop_recording", "phone.record is off")
    assert order.done_at is not None
    with scene.stack.database.begin() as connection:
        assert record.call_id not in recordings.incomplete(connection)


def test_calls_off_in_a_talk(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.choose()
    scene.talk()
    scene.order("policy", "set", "person", scene.person, "calls", "off", "--note", "a lockdown")
    for phone in (scene.sam, scene.alex):
        scene.hears(phone, SENTENCE)
    scene.alex.hangup()
    record = ordered(scene, "cut_off")
    assert record.talk_ms > 1000
    assert record.credited_cents == 0


def test_a_list_loaded_in_a_talk(scene: Scene, tmp_path: Path) -> None:
    scene.dial()
    scene.answer()
    scene.choose()
    scene.talk()
    numbers = tmp_path / "numbers.txt"
    numbers.write_text(f"{scene.number}\n")
    words = ("--name", f"no contact {scene.number}", "--cause", "court", "--until", "2099-12-31")
    scene.order("number", "bulk", "load", str(numbers), *words, "--note", "case 7", "--by", "clerk")
    for phone in (scene.sam, scene.alex):
        scene.hears(phone, SENTENCE)
    scene.alex.hangup()
    record = ordered(scene, "cut_off")
    assert record.talk_ms > 1000
    (order,) = ordered_about(scene)
    assert order.cause == f"+1{scene.number} was blocked: court, by a list"


def test_a_number_made_privileged_in_the_ring(scene: Scene) -> None:
    scene.dial()
    wait_for(lambda: scene.call().authorized_at, "ring")
    made_privileged(scene)
    scene.answer()
    scene.begins(scene.sam, "called-not-recorded")
    assert listeners(scene) == [], "nothing judges what is said"
    scene.sam.press("1")
    scene.hears(scene.alex, "caller-not-recorded")
    nothing_of_it_is_heard_again(scene)


def test_a_number_made_privileged_at_the_menu(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    with scene.stack.database.begin() as connection:
        mark_privileged(connection, f"+1{scene.number}", "bar desk")
    scene.begins(scene.sam, "called-intro-1")
    wait_for(lambda: not listeners(scene) or None, "end of the listening")
    scene.begins(scene.sam, "called-menu-two-keys-1")
    assert "MACHINE=" not in of_sams_leg(scene), "nobody has judged"
    scene.sam.press("1")
    scene.hears(scene.sam, "called-not-recorded")
    scene.hears(scene.alex, "caller-not-recorded")
    nothing_of_it_is_heard_again(scene)
    assert {one.kind for one in ordered_about(scene)} == {"stop_listening"}


def made_privileged(scene: Scene) -> None:
    """A lawyer registers Sam's number."""
    scene.order("privilege", "add", scene.number, "--proof", "letter", "--by", "bar desk")


def nothing_of_it_is_heard_again(scene: Scene) -> None:
    """They talk, and there is nothing of it but the books."""
    scene.talk()
    scene.sam.hangup()
    scene.begins(scene.alex, "called-hung-up")
    scene.alex.hangup()
    record = scene.record()
    assert (record.privileged, record.recorded) == (True, False)
    assert record.cause == "called_hung_up"
    assert scene.audio() == []


def listeners(scene: Scene) -> list[str]:
    """The channels that judge what is said."""
    told = scene.stack.asterisk.cli("core show channels concise")
    return [line for line in told.splitlines() if line.startswith("Local/judge@")]


def of_sams_leg(scene: Scene) -> str:
    """What Asterisk knows of the called party's leg, its variables too."""
    legs = scene.stack.asterisk.cli("core show channels concise").splitlines()
    (name,) = (one.split("!")[0] for one in legs if one.endswith(f"!{scene.call().called_channel}"))
    told = scene.stack.asterisk.cli(f"core show channel {name}")
    assert "LISTENER=" in told, "it was listened to, before"
    return told


def ordered_about(scene: Scene) -> list[AnyRow]:
    """The orders about the call, as they are kept."""
    with scene.stack.database.begin() as connection:
        return orders.orders(connection, scene.call().id)


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
    return unless_it_grows(scene, raw) if scene.call().privileged else None


def unless_it_grows(scene: Scene, raw: Path) -> int | None:
    """The length of a recording that grows no more while they talk."""
    before = raw.stat().st_size
    scene.talk()
    return before if raw.stat().st_size == before else None
