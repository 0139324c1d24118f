"""Warnings, reminders and the end of a talk: to half a second, heard by both."""

from __future__ import annotations

from datetime import datetime

import pytest

from phones.phone import Phone
from tests.calls.conftest import Cast
from tests.calls.scene import Scene


def seconds_after(scene: Scene, phone: Phone, clip: str, start: datetime) -> list[float]:
    """When a prompt began on this phone, in seconds of the talk."""
    heard = phone.heard(scene.spoken(phone, clip), start)
    return [(one.at - start).total_seconds() for one in heard]


class Late(AssertionError):
    """Something was heard, but not when it was due: on a busy machine, tried once more."""


def on_time(found: list[float], expected: list[float]) -> None:
    """Each to half a second."""
    assert len(found) == len(expected)
    if any(abs(one - other) > 0.5 for one, other in zip(found, expected, strict=True)):
        raise Late(f"heard at {found}, due at {expected}")


@pytest.mark.long
def test_the_warning_and_the_limit_come_to_the_half_second(cast: Cast) -> None:
    scene = cast(facility="brief")
    # Each is told in the own language.
    scene.dial(language="es")
    scene.answer()
    scene.choose()
    for phone in (scene.alex, scene.sam):
        scene.hears(phone, "one-minute-left")
    for phone in (scene.alex, scene.sam):
        scene.hears(phone, "time-is-over", 90)
    began = scene.call().accepted_at
    for phone in (scene.alex, scene.sam):
        on_time(seconds_after(scene, phone, "one-minute-left", began), [6])
        on_time(seconds_after(scene, phone, "time-is-over", began), [66])
    scene.alex.hangup()
    record = scene.sealed()
    assert record.cause == "limit"
    assert 65.5 <= record.talk_ms / 1000 <= 66.5
    assert (record.billed_seconds, record.charged_cents) == (66, 66 * 11 // 60)


def test_both_are_reminded_of_where_the_call_comes_from(cast: Cast) -> None:
    scene = cast(facility="reminded")
    scene.dial()
    scene.answer()
    scene.choose()
    for phone in (scene.alex, scene.sam):
        scene.hears(phone, "time-is-over", 50)
    began = scene.call().accepted_at
    for phone in (scene.alex, scene.sam):
        on_time(seconds_after(scene, phone, "overlay", began), [10, 20])
        on_time(seconds_after(scene, phone, "time-is-over", began), [26])
    scene.alex.hangup()
    assert scene.sealed().cause == "limit"
