"""A hotline on the whole platform, all of it up or its servers dead; a phone that is off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from agi.lines import take_lines
from calls.reasons import Reason
from custody.hotlines import HotlineKind, add_hotline, calls_of
from custody.phones import switch_phone
from store.tables import calls, hotlines
from store.types import AnyRow, now
from tests.calls.books import wait_for
from tests.calls.conftest import Cast
from tests.calls.scene import Scene
from tests.calls.test_refused import hears_why

JAIL = "county"
MEANT = (HotlineKind.PUBLIC_DEFENDER, "Public defender", "test")


@pytest.fixture
def scene(cast: Cast) -> Iterator[Scene]:
    """The called number is a hotline of the jail."""
    scene = cast(facility=JAIL)
    with scene.stack.database.begin() as connection:
        add_hotline(connection, JAIL, "711", scene.number, *MEANT, now())
    follow(scene)
    yield scene
    if scene.stack.server_pid is None:
        scene.stack.start_server()
    with scene.stack.database.begin() as connection:
        connection.execute(delete(hotlines))
    follow(scene)


def follow(scene: Scene) -> None:
    """Asterisk takes the lines as they are now."""
    take_lines(scene.stack.asterisk, scene.stack.database)
    scene.stack.asterisk.follow()


def test_a_hotline_with_everything_up_and_with_all_servers_dead(scene: Scene) -> None:
    scene.lift()
    scene.key_at_next(scene.alex, "enter-id", "*711#")
    reached(scene)
    assert (scene.record().cause, scene.record().person_id) == ("not_identified", None)

    scene.stack.stop_server(at_once=True)
    scene.stack.stop_redis(at_once=True)
    scene._begin(scene.alex)
    scene.alex.call("711")
    scene.alex.wait_connected()
    reached(scene)
    scene.stack.start_redis()
    scene.stack.start_server()

    taken = wait_for(lambda: kept(scene), "both calls to the hotline")
    assert {(one.code, one.outcome, one.trunk_id) for one in taken} == {("711", "answer", "own")}
    assert not list((scene.stack.settings.asterisk_dir / "spool/monitor").glob("*"))
    # The second was no call of ours at all.
    with scene.stack.database.begin() as connection:
        ours = connection.execute(calls.select().where(calls.c.phone_id == scene.alex.user))
        assert len(ours.all()) == 1


def test_a_phone_that_is_off_says_so(scene: Scene) -> None:
    with scene.stack.database.begin() as connection:
        switch_phone(connection, scene.alex.user, False, "test", "broken", now())
    follow(scene)
    scene.dial("2125550177")
    hears_why(scene, Reason.PHONE_OFF)
    scene.alex.hangup()


def reached(scene: Scene) -> None:
    """Both are told that it is free and not recorded, and talk."""
    scene.hears_next(scene.alex, "hotline-connecting")
    scene.sam.wait_incoming()
    scene._begin(scene.sam)
    scene.sam.answer()
    scene.hears(scene.sam, "hotline-called")
    scene.talk()
    scene.sam.hangup()
    scene.alex.wait_disconnected()


def kept(scene: Scene) -> list[AnyRow] | None:
    with scene.stack.database.begin() as connection:
        found = [one for one in calls_of(connection, JAIL) if one.phone_id == scene.alex.user]
    return found if len(found) == 2 else None
