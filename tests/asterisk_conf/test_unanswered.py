"""Numbers that nobody answers."""

from __future__ import annotations

from tests.asterisk_conf.scene import SECOND, Call
from tests.asterisk_conf.stage import HOME


def test_busy(call: Call) -> None:
    call.begin()
    call.home.wait_incoming()
    call.home.answer(486)
    told = call.server.wait_visit("unanswered")
    assert told.arguments == [call.id, "BUSY", "17"]
    call.inmate.wait_disconnected()
    assert call.ended("caller").rang_ms is not None


def test_nobody_answers(call: Call) -> None:
    call.scripts["caller"] = call.opens(f"dial,{HOME},2,no")
    call.begin()
    call.home.wait_incoming()
    assert call.server.wait_visit("unanswered").arguments[1] == "NOANSWER"
    call.home.wait_disconnected()
    call.inmate.wait_disconnected()


def test_a_number_that_nobody_has(call: Call) -> None:
    call.scripts["caller"] = call.opens("dial,5550177,2,no")
    call.begin()
    assert call.server.wait_visit("unanswered").arguments[1:] == ["CHANUNAVAIL", "1"]
    call.inmate.wait_disconnected()


def test_the_caller_hangs_up_while_it_rings(call: Call) -> None:
    call.begin()
    call.home.wait_incoming()
    over = call.inmate.hangup()
    assert call.home.wait_disconnected().at - over.at < SECOND
    assert call.ended("caller").hung_up_by == "self"
