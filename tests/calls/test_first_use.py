"""The PIN: the one that staff gave is changed at its first use; too many wrong ones lock it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr_prompts.saying import Sentence, TimeOfDay
from store.tables import persons
from tests.calls.conftest import Cast
from tests.calls.scene import PIN, Scene

NEW = "7351"
both_languages = pytest.mark.parametrize("language", ["en", "es"])


@both_languages
def test_the_pin_that_staff_gave_is_changed_at_its_first_use(cast: Cast, language: str) -> None:
    scene = cast(chosen=False)
    scene.lift(language)
    scene.identify()
    scene.key_at_next(scene.alex, "pin-choose", "3456#")
    scene.key_at_next(scene.alex, "pin-repeat", "3456#")
    scene.hears_next(scene.alex, "pin-too-easy")
    scene.key_at_next(scene.alex, "pin-choose", f"{NEW}#")
    scene.key_at_next(scene.alex, "pin-repeat", f"{NEW}#")
    scene.hears(scene.alex, "pin-kept")
    scene.enter()
    scene.sam.wait_incoming()
    scene.alex.hangup()
    assert scene.record().cause == "caller_hung_up"
    assert not {NEW, "3456", PIN} & set(scene.pressed())

    scene.lift(language)
    scene.key_at_next(scene.alex, "enter-id", f"{scene.person}#")
    scene.key_at_next(scene.alex, "enter-pin", f"{PIN}#")
    scene.hears_next(scene.alex, "pin-wrong")
    scene.key_at_next(scene.alex, "enter-id", f"{scene.person}#")
    scene.key_at_next(scene.alex, "enter-pin", f"{NEW}#")
    scene.begins_next(scene.alex, "enter-number")
    scene.alex.hangup()
    assert "identified" in scene.record().states
    assert "pin-choose" not in scene.played()
    assert scene.nothing_charged()


@both_languages
def test_five_wrong_pins_lock_it_until_staff_unlock_it(scene: Scene, language: str) -> None:
    if language == "en":
        scene.lift()
        wrong(scene, 3)
        scene.hears(scene.alex, "too-many-tries")
        scene.alex.wait_disconnected(30)
        assert scene.record().cause == "not_identified"
    else:
        missed(scene, 3)
    scene.lift(language)
    wrong(scene, 1)
    scene.key_at_next(scene.alex, "enter-id", f"{scene.person}#")
    scene.key_at_next(scene.alex, "enter-pin", "9999#")
    told_until_when(scene)
    scene.alex.wait_disconnected(30)
    assert scene.record().cause == "not_identified"

    scene.lift(language)
    scene.identify()
    told_until_when(scene)
    scene.alex.wait_disconnected(30)

    scene.order("person", "unlock", scene.person, "--by", "sergeant", "--note", "asked in person")
    assert "sergeant" in scene.order("person", "orders", scene.person)
    scene.lift(language)
    scene.identify()
    scene.begins_next(scene.alex, "enter-number")
    scene.alex.hangup()
    assert "identified" in scene.record().states
    assert scene.nothing_charged()


def wrong(scene: Scene, times: int) -> None:
    """Alex keys a wrong PIN and is told so."""
    for _ in range(times):
        scene.key_at_next(scene.alex, "enter-id", f"{scene.person}#")
        scene.key_at_next(scene.alex, "enter-pin", "9999#")
        scene.hears_next(scene.alex, "pin-wrong")


def missed(scene: Scene, times: int) -> None:
    """So many wrong PINs on earlier calls."""
    change = persons.update().where(persons.c.id == scene.person).values(pin_failures=times)
    with scene.stack.database.begin() as connection:
        connection.execute(change)


def told_until_when(scene: Scene) -> None:
    """Alex hears when the lock ends, in the facility's time: not a minute too early."""
    scene.begins(scene.alex, "pin-locked-1")
    row = persons.select().where(persons.c.id == scene.person)
    with scene.stack.database.begin() as connection:
        locked_until = connection.execute(row).one().pin_locked_until
    until = locked_until.astimezone(ZoneInfo("America/New_York")) + timedelta(minutes=1)
    scene.told(scene.alex, Sentence("pin-locked", until=TimeOfDay(until.hour, until.minute)))
