"""Sounds that are asked for by folder, names that are recorded, a disk that is full."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from asterisk_conf.reports import parse
from asterisk_conf.variables import name_to_record
from phones.clip import Clip
from tests.asterisk_conf.scene import Call, says
from tests.asterisk_conf.scripted import Session
from tests.phones.sounds import babble, write_wav


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_clip_of_another_language_and_a_name_are_found(call: Call, language: str) -> None:
    names = call.stage.platform.sounds_dir / "names"
    name = Clip.load(write_wav(names / "somebody.wav", babble(80, 1200)))

    def script(session: Session) -> None:
        session.command(f"SET VARIABLE CHANNEL(language) {language}")
        session.command('STREAM FILE es/language-offer ""')
        session.command('STREAM FILE names/somebody ""')
        session.command("WAIT FOR DIGIT 500")
        session.plan("end")

    call.scripts["caller"] = script
    call.begin()
    call.inmate.wait_heard([call.stage.clips["es/language-offer"], name])
    call.inmate.wait_disconnected()


def test_a_name_is_recorded_and_said_again(call: Call, tmp_path: Path) -> None:
    voice = write_wav(tmp_path / "voice.wav", babble(81, 1500))
    file = name_to_record("clip-1")
    answers: list[str] = []

    def script(session: Session) -> None:
        answers.append(session.command(f'RECORD FILE {file} wav "#" 5000 0 BEEP s=2'))
        answers.append(session.command(f'STREAM FILE {file} ""'))
        session.command("WAIT FOR DIGIT 500")
        session.plan("end")

    call.scripts["caller"] = script
    call.begin()
    call.server.wait_visit("caller")
    call.inmate.wait_heard(Clip.load(call.stage.platform.sounds_dir / "beep.wav"))
    call.inmate.play(voice)
    time.sleep(2)
    call.inmate.press("#")
    call.inmate.wait_heard(Clip.load(voice))
    call.inmate.wait_disconnected()
    kept = call.stage.platform.sounds_dir / "names/clip-1.wav"
    assert kept.is_file()
    assert all(answer.startswith("200 result=") for answer in answers)


def test_a_full_disk_ends_no_call(call: Call) -> None:
    call.raw.symlink_to("/dev/full")
    call.answer_at(says("join,4000,0,yes,0,4000"))
    told = parse(call.server.wait_visit("over", timeout=8).arguments)
    assert told.joined_ms is not None
    assert told.ended_ms - told.joined_ms > 3900
    call.raw.unlink(missing_ok=True)
