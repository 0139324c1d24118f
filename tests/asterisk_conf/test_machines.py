"""Who answers: a person, a voicemail, a fax; and where nobody may listen."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from asterisk_conf.reports import parse
from asterisk_conf.variables import LISTEN_CONTEXT
from phones.clip import RATE, Sound
from tests.asterisk_conf.scene import Call, says
from tests.asterisk_conf.scripted import Script, Session
from tests.asterisk_conf.stage import HOME
from tests.phones.sounds import babble, write_wav


def tone(hertz: float, ms: int, level: float = 6000) -> Sound:
    """A pure tone."""
    at = np.arange(ms * RATE // 1000) / RATE
    return np.asarray(level * np.sin(2 * np.pi * hertz * at), np.int16)


def quiet(ms: int) -> Sound:
    """Silence."""
    return np.zeros(ms * RATE // 1000, np.int16)


FAX = np.concatenate((quiet(300), tone(2100, 3000), quiet(500)))
VOICEMAIL = np.concatenate((quiet(300), babble(70, 6000), tone(1400, 500), quiet(3000)))
HELLO = np.concatenate((quiet(300), babble(71, 600), quiet(6000)))


@pytest.fixture
def listened(call: Call) -> Call:
    """A call that may be listened to."""
    call.scripts["caller"] = call.opens(f"dial,{HOME},10,yes")
    return call


def judged(call: Call, seen: list[tuple[str, float]], seconds: float = 8) -> Script:
    """A script that speaks, takes keys, and waits for the judgement."""

    def script(session: Session) -> None:
        session.command(f"GOSUB {LISTEN_CONTEXT} s 1")
        begun = time.monotonic()
        key = ""
        while not seen and not key and time.monotonic() - begun < seconds:
            reply = session.command('STREAM FILE caller-left "1"')
            key = reply.partition("result=")[2].partition(" ")[0].strip("0")
            if verdict := session.get("MACHINE"):
                seen.append((verdict, time.monotonic() - begun))
        call.keys.append(key)
        session.plan("end" if not key else "join,3000,0,yes,0,3000")

    return script


@pytest.mark.parametrize(
    ("sound", "verdict"), [(VOICEMAIL, "MACHINE"), (HELLO, "HUMAN"), (quiet(8000), "NOTSURE")]
)
def test_who_speaks_is_told(listened: Call, tmp_path: Path, sound: Sound, verdict: str) -> None:
    seen: list[tuple[str, float]] = []
    listened.home.play(write_wav(tmp_path / "voice.wav", sound))
    listened.answer_at(judged(listened, seen))
    listened.server.wait_visit("over", timeout=12)
    assert [told for told, _ in seen] == [verdict]
    assert listener(listened) == []


def listener(call: Call) -> list[str]:
    """The channels that listen."""
    return [line for line in call.stage.channels() if line.startswith("Local/judge@")]


def test_a_key_is_taken_while_somebody_listens_and_nobody_does_afterwards(
    listened: Call, tmp_path: Path
) -> None:
    listened.home.play(write_wav(tmp_path / "voice.wav", HELLO))
    listened.answer_at(judged(listened, []))
    listened.home.wait_begun(listened.stage.clips["caller-left"])
    assert len(listener(listened)) == 2
    listened.home.press("1")
    deadline = time.monotonic() + 2
    while listener(listened) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert listener(listened) == []
    # A fax's tone during the talk is nobody's business.
    listened.home.play(write_wav(tmp_path / "fax.wav", tone(2100, 2000)))
    told = parse(listened.server.wait_visit("over", timeout=8).arguments)
    assert told.joined_ms is not None
    assert told.ended_ms - told.joined_ms > 2900
    assert listened.keys == ["49"]
    assert "machine" not in listened.visited()


def test_a_fax_is_recognised(listened: Call, tmp_path: Path) -> None:
    listened.home.play(write_wav(tmp_path / "fax.wav", FAX))
    listened.answer_at(judged(listened, []))
    visit = listened.server.wait_visit("machine")
    assert visit.arguments == [listened.id, "fax"]
    listened.home.wait_disconnected()
    told = parse(listened.server.wait_visit("over").arguments)
    assert not told.failed
    listened.never_joined()


def test_nobody_listens_where_nobody_may(call: Call, tmp_path: Path) -> None:
    seen: list[tuple[str, float]] = []
    call.home.play(write_wav(tmp_path / "fax.wav", np.concatenate((FAX, VOICEMAIL))))
    call.answer_at(judged(call, seen, 6))
    call.server.wait_visit("called")
    time.sleep(1)
    assert listener(call) == []
    call.server.wait_visit("over", timeout=12)
    assert seen == []
    assert "machine" not in call.visited()


def test_the_listener_goes_with_the_called_party(listened: Call, tmp_path: Path) -> None:
    listened.answer_at(judged(listened, []))
    listened.home.wait_begun(listened.stage.clips["caller-left"])
    assert len(listener(listened)) == 2
    listened.home.hangup()
    listened.inmate.wait_disconnected()
    listened.server.wait_visit("over")
    deadline = time.monotonic() + 2
    while listener(listened) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert listener(listened) == []


def test_the_listener_goes_with_the_caller(listened: Call) -> None:
    listened.answer_at(judged(listened, []))
    listened.home.wait_begun(listened.stage.clips["caller-left"])
    listened.inmate.hangup()
    listened.home.wait_heard(listened.stage.clips["caller-hung-up"])
    assert listener(listened) == []


def test_accepted_at_once_nobody_listens(listened: Call) -> None:
    def at_once(session: Session) -> None:
        session.command(f"GOSUB {LISTEN_CONTEXT} s 1")
        says("join,2000,0,no,0,2000")(session)

    listened.answer_at(at_once)
    listened.server.wait_visit("called")
    time.sleep(0.5)
    assert listener(listened) == []
