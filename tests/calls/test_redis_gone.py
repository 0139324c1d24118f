"""Redis killed and started again during a talk: nothing but the view of it suffers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from store.hot import Hot
from store.live_calls import LiveCall
from store.types import now
from tests.calls.books import wait_for
from tests.calls.conftest import Cast
from tests.calls.scene import Scene


@pytest.fixture
def scene(cast: Cast) -> Iterator[Scene]:
    """A scene whose Redis is up again afterwards."""
    scene = cast()
    yield scene
    scene.stack.start_redis()


def test_a_talk_outlives_redis_and_is_renewed_without_it(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.choose()
    scene.talk()
    with closing(Hot(scene.stack.settings.redis_url)) as hot:
        before = wait_for(lambda: shown(scene, hot), "talk among the live calls")
        assert (before.number, before.account_id) == (scene.call().number, scene.account)
        assert before.accepted_at is not None
        scene.stack.stop_redis(at_once=True)
        assert scene.stack.redis_pid is None
        assert hot.live() is None
        paid = scene.call().paid_seconds
        wait_for(lambda: scene.call().paid_seconds > paid or None, "renewal without Redis")
        scene.stack.start_redis()
        assert wait_for(lambda: shown(scene, hot), "talk shown anew").id == before.id
        wait_for(lambda: (hot.counted(now()) or {}).get("renewals"), "renewal counted")
    scene.alex.hangup()
    record = scene.record()
    assert record.cause == "caller_hung_up"
    assert scene.balance().held_cents == 0
    assert scene.balance().balance_cents == 2500 - record.charged_cents


def shown(scene: Scene, hot: Hot) -> LiveCall | None:
    """The scene's call as onlookers see it."""
    told = hot.live()
    if told is None:
        return None
    return next((one for one in told.calls if one.id == scene.call().id), None)
