"""Parties who were joined: how long, heard by whom, ended by whom, and what comes after."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from asterisk_conf.reports import parse
from tests.asterisk_conf.scene import SECOND, Call, menu, same, says
from tests.phones.sounds import babble, write_wav


def test_the_called_party_hangs_up_and_the_caller_goes_on(call: Call, tmp_path: Path) -> None:
    call.scripts["over"] = menu
    call.answer_at(says("join,60000,0,yes,0,60000"))
    call.inmate.play(write_wav(tmp_path / "voice.wav", babble(50, 2000)), loop=True)
    time.sleep(3)
    hung_up = call.home.hangup()
    told = parse(call.server.wait_visit("over").arguments)
    called = call.ended("called")
    assert call.visited().index("ended") < call.visited().index("over")
    call.inmate.wait_begun(call.stage.clips["menu"])
    call.inmate.hangup()
    caller = call.ended("caller")
    assert caller == told
    assert same(called.ended_ms, hung_up.at)
    assert abs(caller.ended_ms - called.ended_ms) < 100
    assert called.joined_ms is not None
    assert called.joined_ms == caller.joined_ms
    assert called.rang_ms == caller.rang_ms is not None
    assert (called.hung_up_by, caller.hung_up_by) == ("self", "other")
    assert (called.hangup_cause, caller.hangup_cause) == (16, 16)
    assert not called.failed
    sound = np.fromfile(call.raw, np.int16).reshape(-1, 2)
    talked = (called.ended_ms - called.joined_ms) / 1000
    assert abs(len(sound) / 8000 - talked) < 0.5
    quiet, loud = (np.abs(sound[:, side].astype(float)).mean() for side in (0, 1))
    assert loud > 500 > quiet


def test_the_caller_hangs_up_and_the_called_party_is_told(call: Call) -> None:
    call.answer_at(says("join,60000,0,yes,0,60000"))
    time.sleep(1.5)
    hung_up = call.inmate.hangup()
    heard = call.home.wait_heard(call.stage.clips["caller-left"])
    assert heard.at - hung_up.at < SECOND
    call.home.wait_disconnected(2)
    caller, called = call.ended("caller"), call.ended("called")
    assert (caller.hung_up_by, called.hung_up_by) == ("self", "other")
    assert caller.joined_ms is not None
    assert caller.joined_ms == called.joined_ms
    assert same(caller.ended_ms, hung_up.at)
    assert abs(called.ended_ms - caller.ended_ms) < 200
    assert set(call.visited()) == {"caller", "called", "ended"}
    talked = (called.ended_ms - caller.joined_ms) / 1000
    assert abs(call.raw.stat().st_size / 4 / 8000 - talked) < 0.5


@pytest.mark.parametrize("warning", [2500, 0, 9000])
def test_the_limit_ends_the_talk(call: Call, warning: int) -> None:
    call.scripts["over"] = menu
    call.answer_at(says(f"join,5000,{warning},no,0,5000"))
    told = parse(call.server.wait_visit("over", timeout=9).arguments)
    for phone in (call.home, call.inmate):
        heard = phone.heard(call.stage.clips["one-minute-left"])
        assert len(heard) == (1 if warning == 2500 else 0)
    ended = call.home.wait_heard(call.stage.clips["time-is-over"])
    call.home.wait_disconnected()
    called = call.ended("called")
    assert called.joined_ms is not None
    for report in (told, called):
        assert abs(report.ended_ms - called.joined_ms - 5000) < 150
        assert report.hung_up_by == ""
    assert same(called.ended_ms, ended.at)
    call.inmate.wait_begun(call.stage.clips["menu"])
    call.inmate.hangup()
    assert call.ended("caller") == told


@pytest.mark.parametrize("left", [1000, 3500])
def test_the_warning_comes_when_it_should(call: Call, left: int) -> None:
    call.answer_at(says(f"join,6000,{left},no,0,6000"))
    joined = call.server.wait_visit("called").at
    for phone in (call.home, call.inmate):
        (heard,) = [phone.wait_heard(call.stage.clips["one-minute-left"])]
        assert same(int(joined) + 6000 - left, heard.at, timedelta(seconds=0.5))
    call.inmate.wait_disconnected()


def test_keys_pressed_in_the_talk_end_nothing(call: Call) -> None:
    call.answer_at(says("join,4000,0,no,0,4000"))
    call.server.wait_visit("called")
    call.home.press("*#1")
    call.inmate.press("*#1")
    assert call.server.wait_visit("over", timeout=8)
    called = call.ended("called")
    assert called.joined_ms is not None
    assert called.ended_ms - called.joined_ms > 3900
