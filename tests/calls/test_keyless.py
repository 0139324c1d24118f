"""A number that is neither charged nor recorded needs no key: a switchboard can't press one."""

from __future__ import annotations

import pytest

from tests.calls.conftest import Cast


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_free_call_that_is_not_recorded_needs_no_key(cast: Cast, language: str) -> None:
    scene = cast(facility="free")
    scene.dial(language=language)
    scene.hears(scene.alex, "caller-not-recorded")
    scene.answer(language)
    scene.hears(scene.sam, "called-not-recorded")
    scene.hears(scene.sam, "called-connected-now")
    scene.talk()
    assert not scene.audio()
    scene.sam.hangup()
    scene.hears(scene.alex, "called-hung-up")
    scene.alex.hangup()

    record = scene.record()
    assert (record.cause, record.charged_cents, record.recorded) == ("called_hung_up", 0, False)
    assert record.talk_ms > 0
    assert not scene.audio()
    assert scene.nothing_charged()
    assert "called-menu-two-keys" not in scene.played()
