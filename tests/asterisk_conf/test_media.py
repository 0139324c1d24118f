"""A leg whose sound has stopped is hung up, with cause 44, wherever it is."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from asterisk_conf.reports import parse
from tests.asterisk_conf.scene import Call, menu, same, says, waits
from tests.asterisk_conf.stage import MEDIA_SECONDS, Stage

LOST = 44


def lost(at_ms: int, since: datetime, after: float = MEDIA_SECONDS) -> bool:
    return same(at_ms, since + timedelta(seconds=after), timedelta(seconds=2))


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
    call.inmate.wait_disconnected(MEDIA_SECONDS + 8)
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


def test_no_leg_is_locked_while_pjsip_is_asked(stage: Stage) -> None:
    rendered = (stage.platform.directory / "etc").glob("*.conf")
    steps = [line for file in rendered for line in file.read_text().splitlines() if line[:1] != ";"]
    assert [line for line in steps if "EXPORT(" in line]
    assert not [line for line in steps if re.search(r"(IM|EX)PORT\([^)]*\)*,CHANNEL\(rt", line)]
