"""Any keys, any silences, any hang-ups and any failures, on both legs: every call ends well."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from store.database import Database
from tests.builders import DIALLED, NO_ACCOUNT_NUMBER, PERSON, PIN
from tests.replay.dialplan import Act, Dialplan, Happening, Outcome, Place
from tests.replay.line import Fault
from tests.replay.person import Respond, answering, typing
from tests.replay.stage import LAST_WORDS, MENU, Stage
from tests.replay.test_failing import Failing

MENU_SECONDS, CALLED_SECONDS = 15 * 60, 90
"""The last resorts of the dialplan: no script may ever need them."""

UNPAID = f"{NO_ACCOUNT_NUMBER.removeprefix('+1')}#"
STRAIGHT_KEYS = f"{PERSON}#{PIN}#{DIALLED}#1"
CALLER = {
    "enter-id": [f"{PERSON}#", f"{PERSON}w", "999#", "", "#", "*#0", "w", "!"],
    "enter-pin": [f"{PIN}#", f"{PIN}w", "1111#", "", "#", "******", "!"],
    "calls-are-recorded": ["", "!"],
    "enter-number": [f"{DIALLED}#", f"1{DIALLED}#", "911#", UNPAID, "9" * 20, "", "#", "!"],
    "confirm-number-1": ["1", "2", "9", ""],
    "confirm-number-2": ["", "1", "!"],
    "goodbye": ["", "!"],
}
CALLED = {
    "called-intro-1": ["", "1", "!"],
    MENU: ["1", "5", "2", "3", "0", "9", "", "#", "!"],
    "called-price-1": ["", "1", "!"],
    "called-refused": ["", "!"],
}
Born = Callable[[], Respond]
"""People remember what they have answered: each call makes its own."""


def _turns(choices: list[str], straight: int) -> st.SearchStrategy[str]:
    often = [choices[0]] * straight
    return st.lists(st.sampled_from([*often, *choices]), min_size=1, max_size=3).map(" ".join)


def _people(
    answers: dict[str, list[str]], straight_keys: str, straight: int
) -> st.SearchStrategy[Born]:
    """By what they hear, or by typing: as planned up to some key, then anything."""
    turns = {sound: _turns(choices, straight) for sound, choices in answers.items()}
    typed = st.builds(
        lambda length, rest: straight_keys[:length] + rest,
        st.integers(0, len(straight_keys)),
        st.text("0123456789*#w!", max_size=24),
    )
    listening: st.SearchStrategy[Born] = st.fixed_dictionaries(turns).map(
        lambda one: lambda: answering(one)
    )
    return listening | typed.map(lambda one: lambda: typing(one))


callers, called_parties = _people(CALLER, STRAIGHT_KEYS, 24), _people(CALLED, "w", 1)


@dataclass(frozen=True)
class Both:
    """The caller leaves while the called party is in the menu; maybe both at once."""

    at_once: bool

    def __call__(self, call: Dialplan) -> None:
        """Do so, once."""
        if call.caller.up:
            call.caller_leaves()
        if self.at_once:
            call.called.hang_up(call.called.channel)


scripts = ["caller", "called", "declined", "unanswered", "ended caller", "ended called"]
faults: st.SearchStrategy[dict[Place, Act]] = st.dictionaries(
    st.tuples(st.sampled_from(scripts), st.integers(0, 20)), st.sampled_from(Fault), max_size=1
)
leaving: st.SearchStrategy[dict[Place, Act]] = st.dictionaries(
    st.tuples(st.just("called"), st.integers(0, 20)), st.builds(Both, st.booleans()), max_size=1
)
happenings = st.builds(
    Happening,
    dial=st.sampled_from(["ANSWER"] * 4 + ["BUSY", "NOANSWER", "CONGESTION", "CANCEL"]),
    talk_ms=st.sampled_from([0, 1, 999, 1000, 61_500, 899_501, 900_000, 10_000_000]),
    ended_by=st.sampled_from(["caller", "called"]),
    bridges=st.sampled_from([True] * 5 + [False]),
    declined_first=st.booleans(),
    caller_reports_first=st.booleans(),
    redirect_lag=st.integers(0, 6),
    at=st.builds(lambda one, other: {**one, **other}, faults, leaving),
)
failures = st.none() | st.tuples(st.integers(0, 40), st.booleans())


@pytest.fixture
def again(stage: Stage, tmp_path: Path) -> Callable[[], Stage]:
    """The jail as it was on the first day, as often as it is asked for."""
    path, kept = Path(str(stage.database.engine.url.database)), tmp_path / "kept.db"
    with stage.database.once() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(path, kept)
    began = stage.clock.ms

    def restore() -> Stage:
        stage.database.engine.dispose()
        for leftover in path.parent.glob(f"{path.name}-*"):
            leftover.unlink()
        shutil.copy(kept, path)
        stage.clock.ms = began
        return stage

    return restore


def place_call(
    stage: Stage,
    caller: Respond,
    called: Respond,
    how: Happening,
    failure: tuple[int, bool] | None,
) -> Outcome:
    """The call, with a database that may fail."""
    database: Database = stage.database
    if failure is not None:
        database = Failing(stage.database, failure[0], for_good=failure[1])
    return stage.replay(caller, called, how, context=replace(stage.context, database=database))


@settings(max_examples=150)
@given(callers, called_parties, happenings, failures)
def test_every_call_ends_well(
    again: Callable[[], Stage],
    caller: Born,
    called: Born,
    how: Happening,
    failure: tuple[int, bool] | None,
) -> None:
    stage = again()
    how = replace(how)
    began = stage.clock.ms
    call = place_call(stage, caller(), called(), how, failure)
    assert stage.clock.ms - began < (MENU_SECONDS + CALLED_SECONDS) * 1000 + how.talk_ms
    swept = stage.sweep()
    assert stage.findings() == []
    untouched = not how.at and failure is None
    assert not (swept and untouched)
    told(call)
    if call.call_id:
        event(stage.ends_well(call).cause)
    if untouched:
        assert all(call.finished.values())


def told(call: Outcome) -> None:
    """Whoever the platform hung up was told why; only who left was not."""
    assert call.caller.person.heard or call.caller.hung_up_by
    for leg in (call.caller, call.called):
        if leg.person.heard and not leg.hung_up_by and not leg.joined:
            assert leg.person.heard[-1] in LAST_WORDS
