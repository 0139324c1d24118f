"""A leg whose sound has stopped is hung up, with cause 44, wherever it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from asterisk_conf.instance import Instance
from asterisk_conf.reports import parse
from tests.asterisk_conf.scene import Call, menu, same, says, waits
from tests.asterisk_conf.stage import MEDIA_SECONDS, Stage

LOST = 44
PATIENT_SECONDS = 8
"""More than the 5 seconds from one RTCP packet of the exchange to the next."""
NOTICED_SECONDS = PATIENT_SECONDS + PATIENT_SECONDS / 4 / 2
"""When the clock notices that a leg sends nothing, give or take half the time between its looks."""


def lost(at_ms: int, since: datetime, after: float = MEDIA_SECONDS) -> bool:
    return same(at_ms, since + timedelta(seconds=after), timedelta(seconds=2))


@pytest.fixture
def patient(stage: Stage) -> Iterator[None]:
    """The platform gives a leg more time than the exchange leaves between two RTCP packets."""
    platform = stage.platform
    asterisk = replace(platform.settings.asterisk, media_seconds=PATIENT_SECONDS)
    settings = replace(platform.settings, asterisk=asterisk)
    Instance(platform.installation, settings, platform.kind, platform.phones).reload()
    yield
    platform.reload()


@pytest.mark.parametrize("sound", [menu, waits])
def test_the_called_partys_sound_is_lost_in_the_talk(call: Call, sound: object) -> None:
    call.scripts["over"] = sound  # type: ignore[assignment]
    call.answer_at(says("join,60000,0,yes,0,60000"))
    at = datetime.now().astimezone()
    call.home.mute()
    call.home.wait_disconnected(MEDIA_SECONDS + 3)
    called, told = call.ended("called"), parse(call.server.wait_visit("over").arguments)
    assert (called.hangup_cause, told.hangup_cause) == (LOST, LOST)
    assert called.joined_ms is not None
    assert lost(called.ended_ms, at)
    assert (called.hung_up_by, told.hung_up_by) == ("", "other")


def test_the_callers_sound_is_lost_in_the_talk(call: Call) -> None:
    call.answer_at(says("join,60000,0,yes,0,60000"))
    at = datetime.now().astimezone()
    call.inmate.mute()
    call.home.wait_heard(call.stage.clips["caller-left"], MEDIA_SECONDS + 3)
    caller = call.ended("caller")
    assert (caller.hangup_cause, caller.hung_up_by) == (LOST, "")
    assert lost(caller.ended_ms, at)
    assert call.ended("called").hung_up_by == "other"


def test_the_callers_sound_is_lost_in_its_menu(call: Call) -> None:
    def script(session: object) -> None:
        call.opens("end")(session)  # type: ignore[arg-type]
        menu(session)  # type: ignore[arg-type]

    call.scripts["caller"] = script
    call.begin()
    call.inmate.mute()
    call.inmate.wait_disconnected(MEDIA_SECONDS + 3)
    caller = call.ended("caller")
    assert (caller.hangup_cause, caller.joined_ms) == (LOST, None)


def test_the_called_partys_sound_is_lost_in_its_menu(call: Call) -> None:
    call.answer_at(menu)
    call.home.mute()
    call.home.wait_disconnected(MEDIA_SECONDS + 3)
    called, told = call.ended("called"), parse(call.server.wait_visit("over").arguments)
    assert (called.hangup_cause, told.hangup_cause) == (LOST, LOST)
    call.never_joined()


def test_sound_that_comes_back_in_time_ends_nothing(call: Call) -> None:
    call.answer_at(says("join,7000,0,no,0,7000"))
    for _ in range(2):
        call.home.mute()
        assert not call.home_ends(MEDIA_SECONDS - 1.5)
        call.home.unmute()
        assert not call.home_ends(0.5)
    call.inmate.hangup()


@pytest.mark.usefixtures("patient")
def test_a_dead_phone_is_noticed_though_its_exchange_sends_rtcp(call: Call) -> None:
    call.answer_at(says("join,60000,0,yes,0,60000"))
    at = datetime.now().astimezone()
    call.home.die()
    told = parse(call.server.wait_visit("over", timeout=PATIENT_SECONDS + 5).arguments)
    called = call.ended("called")
    assert (called.hangup_cause, called.hung_up_by) == (LOST, "")
    assert (told.hangup_cause, told.hung_up_by) == (LOST, "other")
    assert called.joined_ms is not None
    assert called.joined_ms == told.joined_ms
    assert lost(called.ended_ms, at, NOTICED_SECONDS)
    assert abs(told.ended_ms - called.ended_ms) < 200
    recorded = call.raw.stat().st_size / 4 / 8000
    assert abs(recorded - (called.ended_ms - called.joined_ms) / 1000) < 0.5


@pytest.mark.usefixtures("patient")
def test_a_dead_caller_is_noticed(call: Call) -> None:
    call.answer_at(says("join,60000,0,yes,0,60000"))
    at = datetime.now().astimezone()
    call.inmate.die()
    call.home.wait_heard(call.stage.clips["caller-left"], PATIENT_SECONDS + 5)
    caller, called = call.ended("caller"), call.ended("called")
    assert (caller.hangup_cause, caller.hung_up_by) == (LOST, "")
    assert lost(caller.ended_ms, at, NOTICED_SECONDS)
    assert (called.hangup_cause, called.hung_up_by) == (16, "other")
