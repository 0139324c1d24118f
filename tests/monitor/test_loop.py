"""The monitor's rounds over a real database and an Asterisk that is played."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from calls import renewal
from calls.renewal import Grant
from calls.talking import Live
from monitor import ami as connection
from monitor import loop, talks
from monitor.ami import Ami
from monitor.loop import Monitor
from store.database import Database
from store.hot import Hot
from store.settings import CallSettings
from store.tables import calls
from store.types import AnyRow, now
from tests.builders import accepted_call, balance, build_jail, call_row, pay_in, seconds
from tests.monitor.ami_side import SECRET, AmiSide, listening, until

SETTINGS = CallSettings()
Scene = Callable[[AmiSide], Coroutine[None, None, None]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BACK_OFF_SECONDS", (0.05,))
    monkeypatch.setattr(loop, "ROUND_SECONDS", 0.05)
    monkeypatch.setattr(loop, "LOOK", timedelta(seconds=0.2))


@asynccontextmanager
async def monitoring(database: Database, port: int) -> AsyncIterator[asyncio.Event]:
    told, wake = asyncio.Event(), asyncio.Event()
    ami = Ami(port, "parloir", SECRET, wake.set)
    monitor = Monitor(database, SETTINGS, ami, Hot("unix:///nowhere/redis.sock"), wake, 30)
    connected, rounds = asyncio.create_task(ami.run()), asyncio.create_task(monitor.run(told))
    try:
        yield wake
    finally:
        told.set()
        wake.set()
        await rounds
        connected.cancel()
        await asyncio.gather(connected, return_exceptions=True)


def play(database: Database, scene: Scene, monitors: int = 1) -> AmiSide:
    """Play a scene while so many monitors go round."""

    async def played(side: AmiSide, port: int, left: int) -> None:
        if left:
            async with monitoring(database, port):
                await played(side, port, left - 1)
        else:
            await until(lambda: len(side.open) == monitors)
            await scene(side)

    async def all_of_it() -> AmiSide:
        side = AmiSide()
        async with listening(side) as port:
            await played(side, port, monitors)
        return side

    return asyncio.run(all_of_it())


def talking(database: Database, since: float, cents: int = 2000) -> AnyRow:
    """A call that was accepted ``since`` seconds ago, on an account with so much."""
    build_jail(database, cents, whole=False)
    return call_row(database, accepted_call(database, now() - seconds(since)))


def moves(side: AmiSide) -> list[dict[str, str]]:
    return [one for one in side.headers if one["Action"] == "AbsoluteTimeout"]


def said(side: AmiSide) -> list[str]:
    return [one["Variable"] for one in side.headers if one["Action"] == "Originate"]


def left(row: AnyRow) -> float:
    """How long the talk may last from now on: its paid time and a quarter of a second."""
    end = row.accepted_at + seconds(row.paid_seconds + 0.25)
    return float((end - now()) / seconds(1))


def test_what_is_due_is_renewed_and_its_end_is_moved(database: Database) -> None:
    before = talking(database, since=58)

    async def scene(side: AmiSide) -> None:
        await until(lambda: len(moves(side)) == 2)

    aligned, moved = moves(play(database, scene))
    after = call_row(database, before.id)
    assert after.paid_seconds == before.paid_seconds + SETTINGS.slice_seconds
    assert aligned["Channel"] == moved["Channel"] == before.called_channel
    assert abs(float(aligned["Timeout"]) - left(before)) < 2
    assert abs(float(moved["Timeout"]) - left(after)) < 2


def test_what_is_not_due_is_left_alone(database: Database) -> None:
    before = talking(database, since=10)

    async def scene(side: AmiSide) -> None:
        await until(lambda: "CoreShowChannels" in side.actions)

    assert len(moves(play(database, scene))) == 1
    assert call_row(database, before.id).paid_seconds == before.paid_seconds


def test_without_asterisk_no_money_is_held(database: Database) -> None:
    before, held = talking(database, since=58), balance(database).held_cents

    async def all_of_it() -> None:
        async with monitoring(database, 1):
            await asyncio.sleep(0.5)

    asyncio.run(all_of_it())
    assert call_row(database, before.id).renew_at == before.renew_at
    assert balance(database).held_cents == held


def test_an_end_that_was_not_moved_is_moved_on_the_next_connection(database: Database) -> None:
    before = talking(database, since=58)

    async def scene(side: AmiSide) -> None:
        side.drops = {"AbsoluteTimeout"}
        side.drop_all()
        await until(lambda: len(moves(side)) > 2)
        side.drops.clear()
        await until(lambda: side.connections > 3 and "CoreShowChannels" in side.actions)

    side = play(database, scene)
    row = call_row(database, before.id)
    assert abs(float(moves(side)[-1]["Timeout"]) - left(row)) < 2


def test_a_reconnect_sets_every_end_anew_and_counts_what_has_passed(database: Database) -> None:
    talking(database, since=10)

    async def scene(side: AmiSide) -> None:
        await until(lambda: len(moves(side)) == 1)
        await asyncio.sleep(0.3)
        side.drop_all()
        await until(lambda: len(moves(side)) == 2)

    first, second = moves(play(database, scene))
    assert 0.3 <= float(first["Timeout"]) - float(second["Timeout"]) < 2


def test_a_call_whose_channel_is_no_channel_keeps_no_other_from_its_end(database: Database) -> None:
    row = talking(database, since=10)
    other = call_row(database, accepted_call(database, now() - seconds(9)))
    with database.begin() as change:
        odd = calls.update().where(calls.c.id == row.id).values(called_channel="1.2\r\nAction: x")
        change.execute(odd)

    async def scene(side: AmiSide) -> None:
        await until(lambda: "CoreShowChannels" in side.actions)

    assert [one["Channel"] for one in moves(play(database, scene))] == [other.called_channel]


def test_a_talk_whose_money_ended_unseen_is_ended_at_once(database: Database) -> None:
    talking(database, since=300)

    async def scene(side: AmiSide) -> None:
        await until(lambda: moves(side))

    assert float(moves(play(database, scene))[0]["Timeout"]) == talks.AT_ONCE_SECONDS


def test_the_last_minute_is_said_once_to_both_by_one_of_two_monitors(database: Database) -> None:
    # Seventy-six seconds at eleven cents a minute.
    row = talking(database, since=70, cents=13)

    async def scene(side: AmiSide) -> None:
        await until(lambda: len(said(side)) >= 2)
        await asyncio.sleep(0.5)

    legs = (row.caller_channel, row.called_channel)
    due = int((row.accepted_at + seconds(16)).timestamp() * 1000)
    assert said(play(database, scene, monitors=2)) == [
        f"__SIDE={leg},__SOUND=one-minute-left,__AT={due}" for leg in legs
    ]


def test_a_deposit_wakes_and_nothing_is_said(database: Database) -> None:
    row = talking(database, since=20, cents=8)

    async def all_of_it() -> AmiSide:
        side = AmiSide()
        async with listening(side) as port, monitoring(database, port) as wake:
            await until(lambda: len(moves(side)) == 1)
            pay_in(database, 2000)
            with database.begin() as money:
                renewal.deposited(money, row.account_id, now())
            wake.set()
            await until(lambda: len(moves(side)) >= 2)
        return side

    assert said(asyncio.run(all_of_it())) == []
    assert call_row(database, row.id).paid_seconds > row.paid_seconds


def test_only_calls_with_both_legs_are_seen(database: Database) -> None:
    row = talking(database, since=10)
    other = call_row(database, accepted_call(database, now() - seconds(10)))

    async def scene(side: AmiSide) -> None:
        side.legs = [row.caller_channel, row.called_channel, other.called_channel]
        await until(lambda: call_row(database, row.id).seen_at)

    started = now()
    play(database, scene)
    assert call_row(database, row.id).seen_at >= started
    assert call_row(database, other.id).seen_at is None


def test_a_database_that_is_away_is_asked_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = talking(database, since=58)
    away, real = 5, renewal.renew_due

    def renew_due(*arguments: object) -> list[Grant]:
        nonlocal away
        away -= 1
        if away > 0:
            raise OperationalError("", {}, Exception("away"))
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(renewal, "renew_due", renew_due)

    async def scene(side: AmiSide) -> None:
        await until(lambda: call_row(database, before.id).paid_seconds > before.paid_seconds)
        await until(lambda: moves(side)[-1] != moves(side)[0])
        assert len(moves(side)) > 2, "after each failure all ends were moved anew"

    play(database, scene)
    assert sum("still trying" in line for line in caplog.messages) == 1


@pytest.mark.parametrize(
    ("paid", "limit", "warning", "ends"),
    [(60, 900, 60, 60.1), (900, 900, 60, 902), (50, 50, 60, 50.1), (0, 900, 60, 0.1)],
)
def test_how_long_a_talk_may_last(paid: int, limit: int, warning: int, ends: float) -> None:
    at = now()
    live = Live("c", "1.1", "1.2", at, paid, limit, "+12125550101", "jail", "person", None)
    assert talks.seconds_left(live, warning, at) == ends
    assert talks.seconds_left(live, warning, at + seconds(2000)) == talks.AT_ONCE_SECONDS


def test_a_leg_s_id_can_not_be_more_than_an_id() -> None:
    live = Live("c", "1.1", "1.2,x=y", now(), 9, 9, "+12125550101", "jail", "person", None)
    with pytest.raises(ValueError, match="no channel"):
        asyncio.run(talks.move_end(Ami(1, "", ""), live, 5))
