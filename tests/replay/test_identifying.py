"""A PIN of one's own at the first use, a name in one's own voice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls.states import Cause
from custody import pins
from store.settings import SettingsError
from store.tables import facilities, persons
from tests.builders import KEY, PERSON, PIN
from tests.replay.happening import Happening
from tests.replay.person import answering
from tests.replay.stage import STRAIGHT, Stage

NEW = "7351"
CHOOSES = {**STRAIGHT, "pin-choose": f"{NEW}#", "pin-repeat": f"{NEW}#"}
RECORDED = {**STRAIGHT, "name-check-1": "1"}


def pin_is(stage: Stage, pin: str) -> bool:
    """Whether this PIN is the one in the database."""
    with stage.database.begin() as connection:
        row = connection.execute(persons.select().where(persons.c.id == PERSON)).one()
    return bool(row.pin_hash == pins.pin_hash(KEY, PERSON, pin))


@pytest.fixture
def first_use(any_stage: Stage) -> Stage:
    """The PIN is the one that staff gave."""
    with any_stage.database.begin() as connection:
        connection.execute(persons.update().values(must_choose_pin=True))
    return any_stage


def test_the_first_call_asks_for_an_own_pin(first_use: Stage) -> None:
    call = first_use.replay(answering(CHOOSES))
    assert first_use.ends_well(call).charged_cents == 11
    assert "pin-kept" in call.caller.person.heard
    assert pin_is(first_use, NEW)
    again = first_use.replay(answering({**STRAIGHT, "enter-pin": f"{NEW}#"}))
    assert "pin-choose" not in again.caller.person.heard
    assert first_use.ends_well(again).charged_cents == 11
    assert all(NEW not in event.detail for event in first_use.pressed(call.call_id))


@pytest.mark.parametrize(
    ("chosen", "repeated", "told"),
    [
        ("1111#", "1111#", "pin-too-easy"),
        ("3456#", "3456#", "pin-too-easy"),
        (f"{PIN}#", f"{PIN}#", "pin-too-easy"),
        (f"{PERSON}#", f"{PERSON}#", "pin-too-easy"),
        ("735#", "735#", "pin-length"),
        ("7351829", "7351829", "pin-length"),
        ("7351#", "7352#", "pin-differs"),
        ("7351#", "#", "pin-differs"),
        ("#", "", "no-input"),
    ],
)
def test_a_bad_choice_is_told_and_asked_again(
    stage: Stage, chosen: str, repeated: str, told: str
) -> None:
    with stage.database.begin() as connection:
        connection.execute(persons.update().values(must_choose_pin=True))
    bad = {**STRAIGHT, "pin-choose": chosen, "pin-repeat": repeated}
    call = stage.replay(answering(bad))
    assert stage.ends_well(call).cause == Cause.NOT_IDENTIFIED
    assert call.caller.person.heard.count(told) == 3
    assert pin_is(stage, PIN)
    mended = {
        **STRAIGHT,
        "pin-choose": f"{chosen} {NEW}#",
        "pin-repeat": f"{repeated} {NEW}#" if repeated else f"{NEW}#",
    }
    assert stage.ends_well(stage.replay(answering(mended))).charged_cents == 11


@pytest.fixture
def naming(any_stage: Stage) -> Stage:
    """A facility whose people say their names."""
    with any_stage.database.begin() as connection:
        connection.execute(facilities.update().values(records_name=True))
    return any_stage


def test_a_name_is_recorded_once_and_heard_by_the_called_party(naming: Stage) -> None:
    first = naming.replay(answering(RECORDED))
    naming.ends_well(first)
    clip = next(sound for sound in first.called.person.heard if sound.startswith("names/"))
    assert (naming.context.sounds / f"{clip}.wav").is_file()
    second = naming.replay(answering(RECORDED))
    naming.ends_well(second)
    assert "beep" not in second.caller.person.heard
    assert clip in second.called.person.heard
    assert naming.findings() == []


def test_a_name_may_be_said_again(naming: Stage) -> None:
    call = naming.replay(answering({**STRAIGHT, "name-check-1": "2 2 1"}))
    naming.ends_well(call)
    assert call.caller.person.heard.count("beep") == 3
    assert "name-kept" in call.caller.person.heard


@pytest.mark.parametrize(("speaks", "answer"), [(False, "1"), (True, "2"), (True, "!")])
def test_without_a_name_the_written_one_is_said(naming: Stage, speaks: bool, answer: str) -> None:
    call = naming.replay(
        answering({**STRAIGHT, "name-check-1": answer}), happening=Happening(speaks=speaks)
    )
    naming.ends_well(call)
    assert call.caller.person.heard.count("name-not-heard") == (0 if speaks else 3)
    assert list((naming.context.sounds / "names").iterdir()) == []
    assert not any(sound.startswith("names/") for sound in call.called.person.heard)


def test_a_recording_that_is_gone_is_asked_for_again(naming: Stage) -> None:
    naming.replay(answering(RECORDED))
    for path in (naming.context.sounds / "names").iterdir():
        path.unlink()
    call = naming.replay(answering(RECORDED))
    naming.ends_well(call)
    assert "beep" in call.caller.person.heard


def test_a_language_without_a_catalogue_is_no_setting(stage: Stage) -> None:
    with pytest.raises(SettingsError, match="xx"):
        replace(stage.context, settings=replace(stage.settings, language="xx"))
