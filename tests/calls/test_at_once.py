"""Several calls at once: two on one account, a hundred on one server."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from benchmarks import books, town
from benchmarks.platform import PlatformSide
from parloir.initialise import create
from store.tables import account_numbers, cdrs
from store.types import now
from tests.calls.conftest import Cast
from tests.calls.scene import Scene
from tests.conftest import RUN
from tests.services import fresh_postgres

MANY, RATE = 100, 4
TALK_MS = 32_000


def share(first: Scene, second: Scene) -> None:
    """One account pays for both numbers."""
    row = {"number": f"+1{second.number}", "account_id": first.account}
    with first.stack.database.begin() as connection:
        connection.execute(account_numbers.insert(), row)


def test_the_second_call_is_refused_when_the_first_holds_all(cast: Cast) -> None:
    # What the first slice costs: as long as the first rings, nothing is left.
    first, second = cast(deposit_cents=2), cast(deposit_cents=-1)
    share(first, second)
    second.lift()
    second.identify()
    first.dial()
    first.sam.wait_incoming()
    second.key_at(second.alex, "enter-number", f"{second.number}#")
    second.key_at(second.alex, "confirm-number-1", "1")
    second.hears(second.alex, "refused-not-enough-money")
    second.alex.hangup()
    first.alex.hangup()
    assert second.record().refusal_code == 402
    assert first.record().cause == "caller_hung_up"
    assert (first.balance().balance_cents, first.balance().held_cents) == (2, 0)


@pytest.mark.alone
def test_a_hundred_calls_at_once(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    with fresh_postgres(pytestconfig.stash[RUN]) as url:
        settings = create(tmp_path / "platform", url)
        file = settings.state_dir / "parloir.toml"
        # The load's phones send no sound of their own.
        patient = file.read_text().replace("[asterisk]", "[asterisk]\nmedia_seconds = 120")
        file.write_text(patient)
        side = PlatformSide(file, [], None, TALK_MS)
        side.callers += town.settle(side.settings, side.database)
        with side:
            began = now()
            load = side.place(RATE, MANY)
            assert load.completed == MANY
            assert books.faults(side.settings, side.database, began, MANY) == []
            assert most_at_once(side, began) == MANY


def most_at_once(side: PlatformSide, began: datetime) -> int:
    """How many calls talked at the same moment."""
    with side.database.begin() as connection:
        states = connection.execute(cdrs.select().where(cdrs.c.started_at >= began)).all()
    talks = [(row.states["talking"], row.states["ended"]) for row in states]
    counts: list[int] = [sum(start <= at < end for start, end in talks) for at, _ in talks]
    return max(counts)
