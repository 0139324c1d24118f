"""Lights-out in a talk: both are warned, the talk ends with the hours, and none begins after them.

The hours end with a minute of the wall clock. So that nobody waits for two of them, this platform
warns not a minute before the end, but ``WARNING_SECONDS``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calls.reasons import Reason
from parloir.sample import FACILITY
from store.types import now
from tests.calls.conftest import Cast
from tests.calls.refusing import ask, hears, hears_why
from tests.calls.scene import Scene
from tests.calls.test_limits import Late, seconds_after

WARNING_SECONDS = 20
# What lies between the order and the talk, on a busy machine.
READY_SECONDS = 20
OPEN = timedelta(hours=2)
A_MINUTE = timedelta(minutes=1)
# The decision and the acceptance each cut the time that is left to whole seconds.
EARLIEST, LATEST = -2.5, 0.5


@pytest.fixture
def scene(cast: Cast) -> Iterator[Scene]:
    """A scene on a platform that warns later."""
    scene = cast()
    file = scene.stack.settings_file
    written = file.read_text()
    assert "[call]\n" in written
    file.write_text(written.replace("[call]\n", f"[call]\nwarning_seconds = {WARNING_SECONDS}\n"))
    restart(scene)
    yield scene
    file.write_text(written)
    restart(scene)


@pytest.mark.long
@hears(Reason.ANOTHER_CALL, Reason.OUTSIDE_HOURS)
def test_lights_out_in_a_talk(scene: Scene, cast: Cast) -> None:
    ask(scene, "one_live_call", "on")
    scene.lift("es")
    scene.identify()
    shuts = lights_out(scene)
    scene.enter()
    scene.answer()
    scene.choose()
    scene.talk()
    who_knows_the_pin_is_refused(scene, cast())

    for clip in ("one-minute-left", "time-is-over"):
        for phone in (scene.alex, scene.sam):
            scene.hears(phone, clip, 90)
    began = scene.call().accepted_at
    for phone in (scene.alex, scene.sam):
        (warned,) = seconds_after(scene, phone, "one-minute-left", began)
        (over,) = seconds_after(scene, phone, "time-is-over", began)
        on_time(over - (shuts - began).total_seconds(), EARLIEST, LATEST)
        on_time(over - warned - WARNING_SECONDS, -0.5, 0.5)
    scene.sam.wait_disconnected()
    scene.key_at_next(scene.alex, "next-call", "1")
    hears_why(scene, Reason.OUTSIDE_HOURS)
    scene.alex.hangup()

    talk, _ = scene.records()
    assert (talk.cause, talk.charged_cents) == ("limit", talk.billed_seconds * 11 // 60)
    on_time(talk.talk_ms / 1000 - (shuts - began).total_seconds(), EARLIEST, LATEST)
    assert scene.balance().balance_cents == 2500 - talk.charged_cents < 2500
    assert scene.balance().held_cents == 0


def lights_out(scene: Scene) -> datetime:
    """Staff set hours that end as soon as a whole talk fits before; when that is."""
    soon = now() + timedelta(seconds=WARNING_SECONDS + READY_SECONDS)
    shuts = soon.replace(second=0, microsecond=0) + A_MINUTE
    zone = ZoneInfo(FACILITY.timezone)
    opened, closed = (f"{at.astimezone(zone):%H:%M}" for at in (shuts - OPEN, shuts))
    ask(scene, "hours", f"{opened}-{closed if closed != '00:00' else '24:00'}")
    return shuts


def who_knows_the_pin_is_refused(scene: Scene, other: Scene) -> None:
    """Somebody calls with Alex's PIN from another phone."""
    other.person = scene.person
    other.dial()
    hears_why(other, Reason.ANOTHER_CALL)
    other.alex.hangup()
    assert other.nothing_charged()


def on_time(late: float, earliest: float, latest: float) -> None:
    """As many seconds late as it may be."""
    if not earliest <= late <= latest:
        raise Late(f"heard {late} s late, not between {earliest} and {latest}")


def restart(scene: Scene) -> None:
    """The AGI server takes the settings as they are now."""
    scene.stack.stop_server(at_once=True)
    scene.stack.start_server()
