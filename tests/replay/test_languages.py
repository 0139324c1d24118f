"""The key 9 changes the language of a leg, at any question, and of that leg only."""

from __future__ import annotations

import pytest

from tests.builders import DIALLED, PERSON, PIN
from tests.replay.happening import Happening, Outcome
from tests.replay.person import Person, answering
from tests.replay.stage import MENU, STRAIGHT, Stage

EN_MENU, ES_MENU = MENU, f"es/{MENU}"
SPANISH = {
    "enter-id": "9#",
    "es/enter-id": f"{PERSON}#",
    "es/enter-pin": f"{PIN}#",
    "es/enter-number": f"{DIALLED}#",
    "es/confirm-number-1": "1",
}


def in_english(person: Person) -> list[str]:
    """What was said in English: a sentence in both languages has both names."""
    return [sound for sound in person.heard if "/" not in sound]


def test_a_call_in_spanish_on_both_legs(any_stage: Stage) -> None:
    call = any_stage.replay(answering(SPANISH), answering({EN_MENU: "9", ES_MENU: "1"}))
    assert any_stage.ends_well(call).charged_cents == 11
    assert in_english(call.caller.person) == ["enter-id"]
    assert set(in_english(call.called.person)) <= {"called-intro-1", *(the_english(call))}
    assert call.caller.person.heard[-3:] == ["es/called-hung-up", "es/next-call", "es/goodbye"]
    assert any_stage.findings() == []


def the_english(call: Outcome) -> list[str]:
    """What the called party heard before the key 9."""
    heard = call.called.person.heard
    return heard[: heard.index(EN_MENU) + 1]


@pytest.mark.parametrize("leg", ["caller", "called"])
def test_a_language_is_one_legs_own(stage: Stage, leg: str) -> None:
    caller = SPANISH if leg == "caller" else STRAIGHT
    called = {EN_MENU: "9", ES_MENU: "1"} if leg == "called" else {EN_MENU: "1"}
    call = stage.replay(answering(caller), answering(called))
    stage.ends_well(call)
    spanish = {
        name: any(sound.startswith("es/") for sound in one.person.heard)
        for name, one in (("caller", call.caller), ("called", call.called))
    }
    assert spanish == {"caller": leg == "caller", "called": leg == "called"}


def test_nine_goes_round_and_is_no_try(stage: Stage) -> None:
    keys = {
        "enter-id": f"9# 9# {PERSON}#",
        "es/enter-id": "9# 9#",
        "enter-pin": f"9# {PIN}#",
        "es/enter-pin": "9#",
        "enter-number": f"9# {DIALLED}#",
        "es/enter-number": "9#",
        "confirm-number-1": "9 1",
        "es/confirm-number-1": "9",
    }
    call = stage.replay(answering(keys))
    assert call.called.joined
    assert stage.ends_well(call).dialled == DIALLED
    pressed = [one.detail for one in stage.pressed(call.call_id)]
    assert pressed.count("9") == 8, "the PIN's question shows stars"


def test_the_offer_is_said_in_the_other_language(stage: Stage) -> None:
    silent = stage.replay(answering({"es/enter-id": ""}))
    assert "es/language-offer-pound" in silent.caller.person.heard
    back = stage.replay(answering({"enter-id": "9#"}))
    assert "en/language-offer-pound" in back.caller.person.heard
    menu = stage.replay(called=answering({EN_MENU: "w"}))
    assert "es/language-offer" in menu.called.person.heard


def test_what_is_said_at_the_end_is_in_the_legs_language(stage: Stage) -> None:
    how = Happening(talk_ms=10_000_000)
    call = stage.replay(answering(SPANISH), answering({EN_MENU: "9", ES_MENU: "1"}), how)
    stage.ends_well(call)
    assert "es/time-is-over" in call.caller.person.heard
    assert call.called.person.heard[-1] == "es/time-is-over"
