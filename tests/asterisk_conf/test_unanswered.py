"""Numbers that nobody answers, and what carriers say instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from phones.clip import Clip
from phones.phone import Phone
from tests.asterisk_conf.scene import SECOND, Call
from tests.asterisk_conf.scripted import Visit
from tests.asterisk_conf.stage import HOME, NEIGHBOUR
from tests.phones.sounds import babble, write_wav

# SIP status: DIALSTATUS and Q.850 cause that become of it.
CODES = {
    404: ("CHANUNAVAIL", "1"),
    410: ("CHANUNAVAIL", "22"),
    480: ("NOANSWER", "19"),
    484: ("CHANUNAVAIL", "28"),
    486: ("BUSY", "17"),
    487: ("CHANUNAVAIL", "127"),
    488: ("CHANUNAVAIL", "58"),
    500: ("CHANUNAVAIL", "38"),
    502: ("CHANUNAVAIL", "27"),
    503: ("CONGESTION", "34"),
    504: ("CHANUNAVAIL", "102"),
    600: ("BUSY", "17"),
    603: ("CHANUNAVAIL", "21"),
    604: ("CHANUNAVAIL", "1"),
}


def told(visit: Visit) -> tuple[str, str]:
    """DIALSTATUS and cause."""
    return visit.arguments[8], visit.arguments[3]


@pytest.mark.parametrize("code", CODES)
def test_a_final_code(call: Call, code: int) -> None:
    call.begin()
    call.home.wait_incoming()
    call.home.answer(code)
    visit = call.server.wait_visit("unanswered")
    assert told(visit) == CODES[code]
    assert visit.arguments[:2] == [call.id, "caller"]
    assert visit.arguments[4:5] + visit.arguments[6:8] + visit.arguments[9:] == [*[""] * 4, "own"]
    call.inmate.wait_disconnected()
    assert call.ended("caller").rang_ms == int(visit.arguments[5])


@pytest.mark.parametrize("code", [404, 480, 486, 503])
def test_a_carriers_announcement_and_then_a_code(call: Call, announcement: Clip, code: int) -> None:
    call.begin()
    call.home.wait_incoming()
    call.home.answer(183)
    assert not call.home_ends(2)
    call.home.answer(code)
    visit = call.server.wait_visit("unanswered")
    assert told(visit) == CODES[code]
    assert 1500 < int(visit.arguments[9]) < 2700
    call.inmate.wait_disconnected()
    assert call.inmate.not_heard(announcement)


def test_a_carriers_announcement_until_the_time_to_ring_is_over(
    call: Call, announcement: Clip, tmp_path: Path
) -> None:
    call.scripts["caller"] = call.opens(f"dial,{HOME},3,no")
    speech = write_wav(tmp_path / "speech.wav", babble(60, 1000))
    call.begin()
    call.inmate.play(speech, loop=True)
    call.home.wait_incoming()
    call.home.answer(183)
    visit = call.server.wait_visit("unanswered")
    assert told(visit) == ("NOANSWER", "0")
    assert 2000 < int(visit.arguments[9]) < 3500
    call.home.wait_disconnected()
    call.inmate.wait_disconnected()
    assert call.inmate.not_heard(announcement)
    assert call.home.not_heard(Clip.load(speech))


@pytest.fixture
def announcement(call: Call, tmp_path: Path) -> Clip:
    """What the line at home says before it answers."""
    path = write_wav(tmp_path / "announcement.wav", babble(61, 1200))
    call.home.play(path, loop=True)
    return Clip.load(path)


def test_early_sound_and_then_an_answer(call: Call, announcement: Clip) -> None:
    call.begin()
    call.home.wait_incoming()
    call.home.answer(183)
    assert not call.home_ends(1.5)
    call.home.silence()
    call.home.answer()
    call.home.wait_connected()
    call.server.wait_visit("over", timeout=15)
    assert call.inmate.not_heard(announcement)


def test_nobody_answers(call: Call) -> None:
    call.scripts["caller"] = call.opens(f"dial,{HOME},2,no")
    call.begin()
    call.home.wait_incoming()
    visit = call.server.wait_visit("unanswered")
    assert told(visit) == ("NOANSWER", "0")
    assert visit.arguments[9] == ""
    call.home.wait_disconnected()
    call.inmate.wait_disconnected()


def test_a_peer_that_stalls(call: Call, staller: Phone) -> None:
    call.scripts["caller"] = call.opens(f"dial,{NEIGHBOUR},2,no")
    call.begin()
    staller.wait_incoming()
    visit = call.server.wait_visit("unanswered")
    assert told(visit) == ("NOANSWER", "0")
    assert visit.arguments[9] == ""
    staller.wait_disconnected()


def test_a_number_that_nobody_has(call: Call) -> None:
    call.scripts["caller"] = call.opens("dial,5550177,2,no")
    call.begin()
    assert told(call.server.wait_visit("unanswered")) == ("CHANUNAVAIL", "1")
    call.inmate.wait_disconnected()


def test_the_caller_hangs_up_while_it_rings(call: Call) -> None:
    call.begin()
    call.home.wait_incoming()
    over = call.inmate.hangup()
    assert call.home.wait_disconnected().at - over.at < SECOND
    assert call.ended("caller").hung_up_by == "self"
