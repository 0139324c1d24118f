"""What both parties hear during the talk, each in its own language."""

from __future__ import annotations

import time
from datetime import timedelta

import numpy as np
import pytest

from phones import ear
from tests.asterisk_conf.scene import Call, menu, same, says
from tests.asterisk_conf.scripted import Session


def speaks_spanish(plan: str) -> object:
    """A script that turns its leg to Spanish."""

    def script(session: Session) -> None:
        session.command("SET VARIABLE CHANNEL(language) es")
        session.plan(plan)

    return script


def test_both_hear_the_overlay(call: Call) -> None:
    overlay = call.stage.clips["overlay"]
    call.scripts["over"] = menu
    call.answer_at(says("join,12000,0,yes,3,12000"))
    joined = int(call.server.wait_visit("called").at)
    call.server.wait_visit("over", timeout=15)
    due = [joined + number * 3000 for number in (1, 2, 3)]
    for phone in (call.home, call.inmate):
        heard = phone.heard(overlay)
        # A busy machine garbles one of them now and then.
        assert len(heard) >= 2
        assert all(any(same(at, one.at, timedelta(seconds=1)) for at in due) for one in heard)
    called = call.ended("called")
    assert called.joined_ms is not None
    assert abs(called.ended_ms - called.joined_ms - 12000) < 300
    sound = np.fromfile(call.raw, np.int16).reshape(-1, 2)
    assert abs(len(sound) / 8000 - 12) < 0.5
    ended = time.time()
    time.sleep(3.5)
    for phone in (call.home, call.inmate):
        assert all(one.at.timestamp() < ended - 1 for one in phone.heard(overlay))
    # The recording keeps what the parties say, not what is said to them.
    assert [ear.find(sound[:, side].copy(), overlay) for side in (0, 1)] == [[], []]


@pytest.mark.parametrize("overlay", [0, 30])
def test_the_clock_ends_with_the_talk(call: Call, overlay: int) -> None:
    call.answer_at(says(f"join,60000,0,no,{overlay},60000"))
    call.server.wait_visit("called")
    time.sleep(0.5)
    assert len(call.stage.channels()) == (4 if overlay else 2)
    assert len(call.stage.platform.live_channels()) == 2
    call.home.hangup()
    call.server.wait_visit("over")
    call.inmate.wait_disconnected()
    time.sleep(0.5)
    assert call.stage.channels() == []


def test_no_overlay_where_none_is_due(call: Call) -> None:
    call.answer_at(says("join,4000,0,no,0,4000"))
    call.server.wait_visit("over", timeout=8)
    assert call.home.not_heard(call.stage.clips["overlay"])
    assert call.inmate.not_heard(call.stage.clips["overlay"])


def test_the_warning_is_said_in_the_language_of_each_side(call: Call) -> None:
    caller = call.scripts["caller"]

    def spanish(session: Session) -> None:
        session.command("SET VARIABLE CHANNEL(language) es")
        caller(session)

    call.scripts["caller"] = spanish
    call.answer_at(says("join,8000,6500,no,4,8000"))
    english, other = (call.stage.clips[f"{folder}one-minute-left"] for folder in ("", "es/"))
    call.home.wait_heard(english)
    call.inmate.wait_heard(other)
    call.inmate.wait_heard(call.stage.clips["es/overlay"])
    call.home.wait_heard(call.stage.clips["overlay"])
    call.server.wait_visit("over", timeout=9)
    assert call.home.not_heard(other)
    assert call.inmate.not_heard(english)


def test_the_called_party_chooses_its_own_language(call: Call) -> None:
    call.answer_at(speaks_spanish("join,3000,1500,no,0,3000"))  # type: ignore[arg-type]
    call.inmate.wait_heard(call.stage.clips["one-minute-left"])
    call.home.wait_heard(
        [call.stage.clips["es/one-minute-left"], call.stage.clips["es/time-is-over"]]
    )
