"""Names, keys, arguments and caller ids as an enemy would write them: a refusal or a clean end.

That every command is one line of whole words is checked by the line at each command that is sent.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agi.service import SCRIPTS
from asterisk_conf.variables import CALL_PLAN
from ivr_prompts.saying import name_clip
from store.tables import facilities, persons
from tests.replay.happening import Happening
from tests.replay.stage import Stage

HOSTILE = [
    'Alex "Al" Rivera',
    "Alex\nSET VARIABLE CALL_PLAN dial,19005550100,30",
    "Alex\r\nHANGUP",
    "200 result=1 (x))",
    "Alex) (Rivera))",
    "Alex&beep&../../../etc/passwd",
    "Alex\\",
    '\\"',
    "${SHELL(id)}",
    "'; DROP TABLE calls; --",
    "A\N{ZERO WIDTH SPACE}\N{RIGHT-TO-LEFT OVERRIDE}xela",
    "\N{PILE OF POO}" * 9,
    "\t ",
    "x" * 10_000,
    "é" * 10_000,
]
WITH_NUL = [*HOSTILE, "Al\0ex", "\0"]


@pytest.mark.parametrize("name", WITH_NUL, ids=range(len(WITH_NUL)))
def test_hostile_names_are_stood_in_for(stage: Stage, name: str) -> None:
    with stage.database.begin() as connection:
        connection.execute(persons.update().values(name=name))
        connection.execute(facilities.update().values(name=name))
    context = replace(stage.context, settings=replace(stage.settings, provider_name=name))
    call = stage.replay(context=context)
    stage.ends_well(call)
    heard = call.called.person.heard
    assert {"a-phone-service", "a-person-in-custody", "a-correctional-facility"} < set(heard)
    assert call.called.joined
    assert all(call.finished.values())


def test_a_hostile_name_with_a_clip_is_said(stage: Stage) -> None:
    name = 'Alex "Al"\nRivera <[[x]]>\\'
    with stage.database.begin() as connection:
        connection.execute(persons.update().values(name=name))
    stage.add_sound(name_clip(name))
    call = stage.replay()
    assert name_clip(name) in call.called.person.heard
    assert stage.ends_well(call).charged_cents == 11


def test_a_hostile_phone_is_no_phone(any_stage: Stage) -> None:
    for phone in WITH_NUL:
        call = any_stage.replay(phone=phone)
        assert call.caller.person.heard == ["sorry"]
        assert call.call_id == ""
    assert any_stage.findings() == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_hostile_arguments_touch_no_call(any_stage: Stage, script: str) -> None:
    talk = any_stage.replay()
    before = any_stage.cdr(talk.call_id)
    for text in [*WITH_NUL, "9" * 14]:
        for known in ([], [talk.call_id], [talk.call_id, "called"]):
            call = any_stage.call()
            call.agi(call.caller, script, *known, *[text] * (8 - len(known)))
            assert call.caller.variables[CALL_PLAN] in ("sorry", "end", "")
    assert any_stage.cdr(talk.call_id) == before
    assert any_stage.findings() == []


RAW = [
    b'agi_calleridname: Al"ex\nagi_callerid: 1)(\n',
    b"agi_calleridname: \xff\xfe\x00\x80\n",
    b"agi_calleridname: x\nagi_network_script: ended\nagi_arg_1: other\nagi_uniqueid: 0\n",
    b"agi_dnid: " + b"9" * 10_000 + b"\n",
    b"agi_rdnis: HANGUP\nagi_language: ../../x\n",
]


@pytest.mark.parametrize("header", RAW, ids=range(len(RAW)))
def test_hostile_caller_ids_change_nothing(any_stage: Stage, header: bytes) -> None:
    call = any_stage.replay(happening=Happening(header=header))
    assert any_stage.ends_well(call).charged_cents == 11
    assert all(call.finished.values())
    assert any_stage.findings() == []


@pytest.mark.parametrize("header", [b"HANGUP\n", b"no colon\n", b"x: " + b"y" * 20_000 + b"\n"])
def test_an_opening_that_is_none_starts_nothing(stage: Stage, header: bytes) -> None:
    call = stage.replay(happening=Happening(header=header))
    assert call.caller.person.heard[-1] == "sorry"
    assert stage.findings() == []


replies = st.one_of(
    st.sampled_from(
        [*HOSTILE, "1" * 10_000, "12\n200 result=1", "1\nHANGUP", "-1", "", "1 (x"]
    ).map(lambda text: f"200 result={text}\n".encode()),
    st.binary(max_size=40).map(lambda raw: b"200 result=" + raw + b"\n"),
    st.binary(max_size=40).map(lambda raw: raw + b"\n"),
)


@settings(max_examples=60)
@given(st.sampled_from(["caller", "called"]), st.integers(0, 12), replies)
def test_hostile_answers_end_in_clean_books(
    stage: Stage, script: str, place: int, reply: bytes
) -> None:
    call = stage.replay(happening=Happening(at={(script, place): reply}))
    stage.sweep()
    assert stage.findings() == []
    assert call.called.joined or call.caller.person.heard[-1] in ("sorry", "goodbye")
    if call.call_id:
        stage.ends_well(call)
