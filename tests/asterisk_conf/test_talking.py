"""Parties who were joined: how long, heard by whom, ended by whom."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from tests.asterisk_conf.scene import SECOND, Call, same, says
from tests.phones.sounds import babble, write_wav


def test_accepted_talked_and_hung_up_at_home(call: Call, tmp_path: Path) -> None:
    call.scripts["called"] = says("join,60000,0,yes,0")
    call.begin()
    call.answer()
    voice = write_wav(tmp_path / "voice.wav", babble(50, 2000))
    call.inmate.play(voice, loop=True)
    time.sleep(3)
    over = call.home.hangup()
    assert call.inmate.wait_disconnected(2).at - over.at < SECOND
    called, caller = call.ended("called"), call.ended("caller")
    assert same(called.ended_ms, over.at)
    assert same(caller.ended_ms, over.at)
    assert called.joined_ms == caller.joined_ms
    assert called.joined_ms is not None
    assert called.rang_ms is not None
    assert called.rang_ms < called.joined_ms
    assert (called.hung_up_by, caller.hung_up_by) == ("self", "other")
    assert not called.failed
    assert "over" not in {visit.script for visit in call.server.visits}
    raw = call.stage.platform.directory / f"spool/monitor/{call.id}.raw"
    sound = np.fromfile(raw, np.int16).reshape(-1, 2)
    talked = (called.ended_ms - called.joined_ms) / 1000
    assert abs(len(sound) / 8000 - talked) < 0.5
    quiet, loud = (np.abs(sound[:, side].astype(float)).mean() for side in (0, 1))
    assert loud > 500 > quiet


def test_the_caller_hangs_up_the_talk(call: Call) -> None:
    call.scripts["called"] = says("join,60000,0,yes,0")
    call.begin()
    call.answer()
    time.sleep(1.5)
    over = call.inmate.hangup()
    assert call.home.wait_disconnected(2).at - over.at < SECOND
    caller, called = call.ended("caller"), call.ended("called")
    assert (caller.hung_up_by, called.hung_up_by) == ("self", "other")
    assert caller.joined_ms == called.joined_ms is not None
    visits = {visit.script for visit in call.server.visits}
    assert visits == {"caller", "called", "ended"}
    raw = call.stage.platform.directory / f"spool/monitor/{call.id}.raw"
    assert raw.stat().st_size > 8000


@pytest.mark.parametrize("warning", [2500, 0, 9000])
def test_the_limit_ends_the_talk(call: Call, warning: int) -> None:
    call.scripts["called"] = says(f"join,5000,{warning},no,0")
    call.begin()
    call.answer()
    assert call.home.wait_disconnected(9)
    assert call.inmate.wait_disconnected(2)
    called = call.ended("called")
    assert called.joined_ms is not None
    assert 4900 <= called.ended_ms - called.joined_ms <= 5600
    assert call.ended("caller").hung_up_by != "self"
    for phone in (call.home, call.inmate):
        heard = phone.heard(call.stage.clips["one-minute-left"])
        assert len(heard) == (1 if warning == 2500 else 0)
