"""Plans that make no sense: no call, no bridge."""

from __future__ import annotations

import pytest

from tests.asterisk_conf.scene import Call, says


@pytest.mark.parametrize(
    "plan",
    [
        "sorry",
        "",
        "dial",
        "dial,,10,no",
        "dial,5550101",
        "dial,5550101,x,no",
        "dial,5550101,10",
        "dial,5550101,10,maybe",
        "join,1000,0,no,0,1000",
        'x"$[1]',
    ],
)
def test_no_plan_no_call(call: Call, plan: str) -> None:
    call.scripts["caller"] = call.opens(plan.replace('"', '\\"'))
    call.begin()
    call.inmate.wait_heard(call.stage.clips["sorry"])
    call.inmate.wait_disconnected()
    report = call.ended("caller")
    assert report.failed
    assert report.rang_ms is None


@pytest.mark.parametrize(
    "plan",
    [
        *("sorry", "", "dial,1,1,no", "join", "join,9000,0,no", "join,9000,0,no,0"),
        *("join,0,0,no,0,9000", "join,9000,0,maybe,0,9000", "join,9000,0,no,0,0"),
    ],
)
def test_no_plan_no_bridge(call: Call, plan: str) -> None:
    call.scripts["called"] = says(plan)
    call.begin()
    call.answer()
    call.home.wait_heard(call.stage.clips["sorry"])
    call.inmate.wait_heard(call.stage.clips["sorry"])
    call.inmate.wait_disconnected()
    assert call.ended("called").failed
    assert call.ended("caller").failed
    call.never_joined()
