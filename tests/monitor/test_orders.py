"""What the monitor does to a call in Asterisk when something was ordered about it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from blocklists.lists import BlockCause, block
from blocklists.privilege.registry import mark_privileged
from calls import oversight
from monitor import loop, orders
from store.database import Database
from store.types import now
from tests.builders import NUMBER, answered_call, authorized_call, build_jail, call_row, seconds
from tests.monitor.ami_side import AmiSide, until
from tests.monitor.test_loop import play, quick, talking

__all__ = ["quick"]


def forbid(database: Database) -> None:
    with database.begin() as connection:
        block(connection, NUMBER, BlockCause.COURT, "clerk", note="case 1")


def protect(database: Database) -> None:
    with database.begin() as connection:
        mark_privileged(connection, NUMBER, "bar")


def sent(side: AmiSide, action: str) -> list[tuple[str, str]]:
    found = [one for one in side.headers if one["Action"] == action]
    return [(one["Channel"], one.get("Context", "")) for one in found]


def test_a_talk_is_cut_off_once(database: Database) -> None:
    row = talking(database, since=10)

    async def scene(side: AmiSide) -> None:
        await until(lambda: "CoreShowChannels" in side.actions)
        forbid(database)
        await until(lambda: "Redirect" in side.actions)
        seen = side.actions.count("CoreShowChannels")
        await until(lambda: side.actions.count("CoreShowChannels") > seen + 1)

    assert sent(play(database, scene), "Redirect") == [(row.called_channel, "cut")]
    assert call_row(database, row.id).outcome == "cut_off"


def test_a_ring_is_taken_back(database: Database) -> None:
    build_jail(database)
    call_id, _ = authorized_call(database, now())
    forbid(database)

    async def scene(side: AmiSide) -> None:
        await until(lambda: "Redirect" in side.actions)

    channel = call_row(database, call_id).caller_channel
    assert sent(play(database, scene), "Redirect") == [(channel, "stopped")]


def test_a_recording_is_stopped_once_and_the_talk_goes_on(database: Database) -> None:
    row = talking(database, since=10)
    protect(database)

    async def scene(side: AmiSide) -> None:
        await until(lambda: "CoreShowChannels" in side.actions)
        assert call_row(database, row.id).recorded is False
        seen = side.actions.count("CoreShowChannels")
        await until(lambda: side.actions.count("CoreShowChannels") > seen + 1)

    side = play(database, scene)
    assert sent(side, "StopMixMonitor") == [(row.called_channel, "")]
    assert sent(side, "Redirect") == []


def test_a_recording_that_has_not_begun_is_stopped_when_it_has(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    talking(database, since=1)
    protect(database)

    async def scene(side: AmiSide) -> None:
        side.refused = {"StopMixMonitor"}
        await until(lambda: side.actions.count("StopMixMonitor") > 3)
        monkeypatch.setattr(orders, "BEGINS_WITHIN", seconds(0))
        await until(lambda: oversight.look(database, now()) == [])

    play(database, scene)


LISTENER = "Local/judge@machines-00000001;1"


@pytest.mark.parametrize("refused", [set(), {"Hangup"}], ids=["listens", "has judged"])
def test_who_judges_what_is_said_is_sent_away_once(database: Database, refused: set[str]) -> None:
    build_jail(database)
    call_id = answered_call(database, now())

    async def scene(side: AmiSide) -> None:
        side.values["LISTENER"], side.refused = LISTENER, refused
        protect(database)
        await until(lambda: "Hangup" in side.actions)
        await until(lambda: oversight.look(database, now()) == [])

    side = play(database, scene)
    assert sent(side, "Hangup") == [(LISTENER, "")]
    (asked,) = [one for one in side.headers if one["Action"] == "Setvar"]
    called = call_row(database, call_id).called_channel
    assert (asked["Channel"], asked["Variable"]) == (called, "TONE_DETECT(2100,,x)")
    assert sent(side, "Redirect") == []


def test_a_listener_that_has_not_begun_is_sent_away_when_it_has(database: Database) -> None:
    build_jail(database)
    answered_call(database, now())
    protect(database)

    async def scene(side: AmiSide) -> None:
        await until(lambda: side.actions.count("Getvar") > 3)
        assert "Hangup" not in side.actions
        side.values["LISTENER"] = LISTENER
        await until(lambda: "Hangup" in side.actions)
        await until(lambda: oversight.look(database, now()) == [])

    play(database, scene)


def test_what_is_wrong_with_an_order_keeps_no_talk_from_its_money(database: Database) -> None:
    row = talking(database, since=58)
    forbid(database)
    with database.begin() as connection:
        odd = "UPDATE calls SET called_channel = 'no channel'"
        connection.execute(text(odd))

    async def scene(side: AmiSide) -> None:
        await until(lambda: call_row(database, row.id).paid_seconds > row.paid_seconds)

    assert sent(play(database, scene), "Redirect") == []
    assert loop.ROUND_SECONDS < 1
