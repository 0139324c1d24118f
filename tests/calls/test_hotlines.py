"""A hotline on the whole platform, all of it up or its servers dead; a phone that is off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from sqlalchemy import delete

from agi.lines import take_lines
from calls.reasons import Reason
from custody.lines.hotlines import HotlineKind, add_hotline, calls_of
from custody.lines.phones import switch_phone
from store.cluster import Cluster
from store.database import migrate
from store.tables import calls, hotlines
from store.types import AnyRow, now
from tests.calls.books import wait_for
from tests.calls.conftest import Cast, running_town
from tests.calls.refusing import hears, hears_why
from tests.calls.scene import Scene
from tests.conftest import RUN

JAIL = "county"
SWEPT_SECONDS = 30.0
"""Twice as long as the platform waits between two sweeps."""
MEANT = (HotlineKind.PUBLIC_DEFENDER, "Public defender", "test")


@pytest.fixture
def scene(cast: Cast) -> Iterator[Scene]:
    """The called number is a hotline of the jail."""
    scene = cast(facility=JAIL)
    is_hotline(scene)
    yield scene
    if scene.stack.server_pid is None:
        scene.stack.start_server()
    with scene.stack.database.begin() as connection:
        connection.execute(delete(hotlines))
    follow(scene)


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A PostgreSQL that nobody else uses, so that it may be stopped."""
    cluster = Cluster.start(Path(mkdtemp(prefix="parloir-postgres-")), durable=False)
    yield cluster
    cluster.stop()
    rmtree(cluster.directory)


def is_hotline(scene: Scene) -> None:
    """Sam's number is a hotline of the jail from now on."""
    with scene.stack.database.begin() as connection:
        add_hotline(connection, JAIL, "711", scene.number, *MEANT, now())
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
    calls_hotline(scene)
    scene.stack.start_redis()
    scene.stack.start_server()

    taken = wait_for(lambda: kept(scene, 2), "both calls to the hotline")
    assert {(one.code, one.outcome, one.trunk_id) for one in taken} == {("711", "answer", "own")}
    assert not list((scene.stack.settings.asterisk_dir / "spool/monitor").glob("*"))
    # The second was no call of ours at all.
    with scene.stack.database.begin() as connection:
        ours = connection.execute(calls.select().where(calls.c.phone_id == scene.alex.user))
        assert len(ours.all()) == 1


@pytest.mark.long
def test_a_hotline_while_the_database_is_stopped(
    pytestconfig: pytest.Config, tmp_path: Path, own_cluster: Cluster
) -> None:
    url = own_cluster.create_database("town")
    migrate(url)
    with running_town(url, pytestconfig.stash[RUN]) as town, town.scene(tmp_path, JAIL) as scene:
        is_hotline(scene)
        own_cluster.stop()
        scene.lift()
        scene.hears(scene.alex, "sorry")
        scene.key_at_next(scene.alex, "hotline-offer", "711#")
        reached(scene)
        assert not own_cluster.running
        Cluster.start(own_cluster.directory, durable=False)
        scene.stack.database.close()

        (taken,) = wait_for(lambda: kept(scene, 1), "the call to the hotline", SWEPT_SECONDS)
        assert (taken.code, taken.outcome, taken.trunk_id) == ("711", "answer", "own")
        assert not scene.broken()
        # The platform is itself again.
        scene.dial()
        scene.sam.wait_incoming()
        scene.alex.hangup()
        assert scene.record().cause == "caller_hung_up"


@hears(Reason.PHONE_OFF)
def test_a_phone_that_is_off_says_so(scene: Scene) -> None:
    with scene.stack.database.begin() as connection:
        switch_phone(connection, scene.alex.user, False, "test", "broken", now())
    follow(scene)
    scene.dial("2125550177")
    hears_why(scene, Reason.PHONE_OFF)
    scene.alex.hangup()


def calls_hotline(scene: Scene) -> None:
    """Alex calls it by its code alone, which needs nobody's answer."""
    scene._begin(scene.alex)
    scene.alex.call("711")
    scene.alex.wait_connected()
    reached(scene)


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


def kept(scene: Scene, number: int) -> list[AnyRow] | None:
    with scene.stack.database.begin() as connection:
        found = [one for one in calls_of(connection, JAIL) if one.phone_id == scene.alex.user]
    return found if len(found) == number else None
