"""Money while a talk lasts: shared by two calls, topped up, and not renewed by anybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.calls.conftest import Cast
from tests.calls.scene import Scene
from tests.calls.studio import HELLO
from tests.calls.test_at_once import share
from tests.calls.test_limits import on_time, seconds_after


def talk_by(*scenes: Scene) -> None:
    """Each dials, is answered and accepted."""
    for scene in scenes:
        scene.dial()
        scene.answer()
        scene.choose()


def warned_at(scene: Scene) -> list[float]:
    """When both were told of their last minute, in seconds of the talk."""
    began = scene.call().accepted_at
    told = [
        seconds_after(scene, phone, "one-minute-left", began) for phone in (scene.alex, scene.sam)
    ]
    on_time(*told)
    return told[0]


@pytest.mark.long
@pytest.mark.parametrize(("town", "cents"), [("postgres", 33), ("sqlite", 13)], indirect=["town"])
def test_two_calls_share_an_account_to_its_last_cent(cast: Cast, cents: int) -> None:
    # Thirty-three cents are three minutes in all.
    first, second = cast(deposit_cents=cents), cast(deposit_cents=-1)
    share(first, second)
    talk_by(first, second)
    seconds = cents * 60 / 11
    for scene in (first, second) if cents > 30 else ():
        for phone in (scene.alex, scene.sam):
            scene.hears(phone, "one-minute-left", seconds)
    for scene in (first, second):
        for phone in (scene.alex, scene.sam):
            scene.hears(phone, "time-is-over", seconds)
        scene.alex.hangup()
    records = [scene.sealed() for scene in (first, second)]
    assert [record.cause for record in records] == ["limit", "limit"]
    assert {record.account_id for record in records} == {first.account}
    assert sum(record.charged_cents for record in records) >= cents - 2
    assert 0 <= first.balance().balance_cents <= 2
    assert first.balance().held_cents == 0
    for scene, record in zip((first, second), records, strict=True):
        assert abs(record.talk_ms / 1000 - seconds / 2) < 13, "neither takes all"
        if cents > 30:
            (at,) = warned_at(scene)
            assert abs(record.talk_ms / 1000 - 60 - at) < 7


@pytest.mark.long
def test_the_warning_and_the_end_of_the_money_come_to_the_half_second(cast: Cast) -> None:
    scene = cast(deposit_cents=13)
    talk_by(scene)
    for phone in (scene.alex, scene.sam):
        scene.hears(phone, "one-minute-left", 40)
    for phone in (scene.alex, scene.sam):
        scene.hears(phone, "time-is-over", 90)
    began: datetime = scene.call().accepted_at
    # Fourteen cents would be due with the 77th second.
    for phone in (scene.alex, scene.sam):
        on_time(seconds_after(scene, phone, "one-minute-left", began), [16])
        on_time(seconds_after(scene, phone, "time-is-over", began), [76])
    scene.alex.hangup()
    record = scene.sealed()
    assert (record.cause, record.billed_seconds, record.charged_cents) == ("limit", 76, 13)
    assert scene.balance().balance_cents == 0


def test_a_deposit_in_the_last_minute_prolongs_the_talk(cast: Cast) -> None:
    scene = cast(deposit_cents=4)
    talk_by(scene)
    scene.talk()
    began: datetime = scene.call().accepted_at
    scene.order("account", "deposit", scene.account, "1.00", "--key", scene.account + "-more")
    # Four cents would have lasted for 27 seconds.
    while datetime.now(UTC) < began + timedelta(seconds=30):
        scene.says(scene.alex, HELLO, scene.sam)
    assert scene.sam.not_heard(scene.clip("time-is-over"))
    scene.sam.hangup()
    scene.begins(scene.alex, "called-hung-up")
    scene.alex.hangup()
    record = scene.record()
    assert (record.cause, record.credited_cents) == ("called_hung_up", 0)
    assert record.talk_ms > 30_000
    assert scene.balance().balance_cents == 104 - record.charged_cents


def test_when_nobody_renews_asterisk_ends_the_talk_with_its_money(cast: Cast) -> None:
    scene = cast()
    talk_by(scene)
    scene.talk()
    scene.stack.stop_monitor(at_once=True)
    try:
        scene.hears(scene.sam, "time-is-over", 30)
        scene.hears(scene.alex, "sorry", 30)
    finally:
        scene.stack.start_monitor()
    scene.alex.hangup()
    record = scene.sealed()
    assert record.cause == "system_failure"
    assert record.talk_ms < 20_000, "two slices, at the most"
    assert record.credited_cents == record.charged_cents > 0
    assert scene.balance().balance_cents == 2500
