"""What breaks beside us: a phone that dies, a disk that is full, a network that never answers."""

from __future__ import annotations

import pytest

from tests.calls.scene import Scene
from tests.calls.studio import HELLO, REPLY


@pytest.mark.parametrize("whose", ["called", "caller"])
def test_a_dead_line_is_noticed_and_the_silence_is_free(scene: Scene, whose: str) -> None:
    scene.dial()
    scene.answer()
    scene.choose()
    scene.talk()
    dead, alive = (scene.sam, scene.alex) if whose == "called" else (scene.alex, scene.sam)
    dead.die()
    silent = scene.stack.settings.asterisk.media_seconds
    scene.hears(alive, "media-lost" if whose == "called" else "caller-left", silent + 15)
    if whose == "called":
        alive.hangup()
    record = scene.sealed()
    assert record.cause == "media_lost"
    assert record.recording_ms - record.talk_ms > (silent - 5) * 1000
    assert record.charged_cents == record.billed_seconds * 11 // 60
    assert scene.balance().held_cents == 0


def test_a_full_disk_ends_no_call(scene: Scene) -> None:
    scene.dial()
    scene.sam.wait_incoming()
    raw = scene.stack.settings.asterisk_dir / "spool/monitor" / f"{scene.call().id}.raw"
    raw.symlink_to("/dev/full")
    scene.sam.answer()
    scene.choose()
    scene.talk()
    scene.says(scene.alex, HELLO, scene.sam)
    scene.says(scene.sam, REPLY, scene.alex)
    scene.sam.hangup()
    scene.hears(scene.alex, "called-hung-up")
    scene.alex.hangup()
    record = scene.sealed()
    assert (record.cause, record.recorded) == ("called_hung_up", True)
    assert record.recording_ms == 0 < record.talk_ms
    assert record.charged_cents == record.billed_seconds * 11 // 60
    assert f"call {record.call_id}: 0 of" in scene.log()
