"""A jail, its phone, its people and a fictitious number: where calls are replayed."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path

from agi.context import Context
from agi.sweeping import sweep_once
from asterisk_conf.instance import Instance
from asterisk_conf.variables import (
    CALL_ID,
    SOUND_CALLER_HUNG_UP,
    SOUND_CALLER_LEFT,
    SOUND_SORRY,
    SOUND_TIME_IS_OVER,
)
from calls import journal
from ivr_prompts.catalogue import Catalogue, load_all
from ivr_prompts.saying import name_clip
from parloir.check import findings_by_rule
from store.database import Database
from store.settings import Settings
from store.tables import calls, cdrs, holds
from store.types import AnyRow
from tests.builders import DIALLED, KEY, MORNING, PERSON, PHONE, PIN
from tests.replay.clock import Clock
from tests.replay.dialplan import Dialplan
from tests.replay.happening import Happening, Outcome
from tests.replay.line import Studio
from tests.replay.person import Respond, answering

LETTER_MS = 60
MINUTE_MS = 60_000
NAMES = ("Parloir", "Alex Rivera", "Millbrook County Jail")
STRAIGHT = {
    "enter-id": f"{PERSON}#",
    "enter-pin": f"{PIN}#",
    "enter-number": f"{DIALLED}#",
    "confirm-number-1": "1",
}
MENU = "called-menu-two-keys-1"
ACCEPTS = {MENU: "1"}


class Stage:
    """``replay`` places one call; the clock goes on from call to call."""

    def __init__(self, database: Database, state_dir: Path, runner: asyncio.Runner) -> None:
        self.clock = Clock(MORNING)
        self.database = database
        self.settings = Settings(state_dir=state_dir)
        self.context = Context(
            self.settings,
            database,
            database,
            words(),
            KEY,
            now=self.clock.now,
            monotonic=self.clock.monotonic,
        )
        self._runner = runner
        folders = [f"sounds/{language}" for language in (*words(), "names")]
        for place in ("spool/monitor", "spool/ended", *folders):
            (self.settings.asterisk_dir / place).mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            self.add_sound(name_clip(name))

    def add_sound(self, clip: str) -> None:
        """Let Asterisk find this sound, in every language."""
        for language in words():
            (self.context.sounds / language / f"{clip}.wav").touch()

    def call(
        self,
        caller: Respond | None = None,
        called: Respond | None = None,
        happening: Happening | None = None,
        context: Context | None = None,
    ) -> Dialplan:
        """A call that can be placed; by default it goes the straight way."""
        people = (caller or answering(STRAIGHT), called or answering(ACCEPTS))
        how = happening or Happening()
        self.clock.pass_ms(MINUTE_MS)
        studio = Studio(self.context.sounds, self._sounds(), speaks=how.speaks)
        return Dialplan(context or self.context, self.clock, studio, self._runner, people, how)

    def replay(
        self,
        caller: Respond | None = None,
        called: Respond | None = None,
        happening: Happening | None = None,
        *,
        phone: str = PHONE,
        context: Context | None = None,
    ) -> Outcome:
        """One call from off-hook until all is told."""
        return self.call(caller, called, happening, context).play(phone)

    def sweep(self) -> list[str]:
        """What the service does beside the calls, when no channel is left."""
        self.clock.pass_ms(MINUTE_MS)
        return sweep_once(self.context, _NothingLives())

    # What must be true of every call, and what the books say.

    def ends_well(self, call: Outcome) -> AnyRow:
        """All legs ended as they must, each call has one CDR; the last one is given."""
        told(call)
        assert call.missing == []
        records = [self.cdr(call_id) for call_id in call.call_ids]
        for cdr in records:
            if "accepted" not in cdr.states:
                assert (cdr.charged_cents, cdr.talk_ms, cdr.lines) == (0, 0, no_money(cdr))
            assert not {"refused", "authorized"} <= cdr.states.keys()
        accepted = {cdr.call_id for cdr in records if "accepted" in cdr.states}
        assert {leg.variables[CALL_ID] for leg in call.called_legs if leg.joined} <= accepted
        return records[-1]

    def cdr(self, call_id: str) -> AnyRow:
        """The one CDR of a call."""
        with self.database.begin() as connection:
            return connection.execute(cdrs.select().where(cdrs.c.call_id == call_id)).one()

    def pressed(self, call_id: str) -> list[journal.Event]:
        """The keys in a call's journal, in order."""
        with self.database.begin() as connection:
            events = journal.read(connection, call_id)
        return [one for one in events if one.kind == "pressed"]

    def findings(self) -> list[str]:
        """What breaks an invariant, and any hold or call that is still open."""
        rules = findings_by_rule(self.settings, self.database)
        found = [finding for _, findings in rules for finding in findings]
        with self.database.begin() as connection:
            left = connection.execute(holds.select().where(holds.c.closed_at.is_(None))).all()
            alive = connection.execute(calls.select().where(calls.c.ended_at.is_(None))).all()
        return found + [f"open: {row}" for row in (*left, *alive)]

    def _sounds(self) -> dict[str, int]:
        lengths = {"beep": 300}
        for language, catalogue in words().items():
            names = {path.stem: "some name" for path in (self.context.sounds / language).iterdir()}
            for clip, text in {**catalogue.clips, **names}.items():
                lengths[f"{language}/{clip}"] = LETTER_MS * len(text)
        lengths |= {path.removeprefix("en/"): ms for path, ms in lengths.items()}
        recorded = (self.context.sounds / "names").iterdir()
        return lengths | {f"names/{path.stem}": 1000 for path in recorded}


class _NothingLives(Instance):
    """An Asterisk without a channel."""

    def __init__(self) -> None:
        pass

    def live_channels(self) -> set[str]:
        """None."""
        return set()


@cache
def words() -> dict[str, Catalogue]:
    """The catalogues that all replays speak from."""
    return load_all()


def told(call: Outcome) -> None:
    """Whoever the platform hung up was told why; only who left, or could hear nothing, was not."""
    assert call.caller.person.heard or call.caller.hung_up_by
    for leg in (call.caller, *call.called_legs):
        assert not leg.up
        if not leg.hung_up_by and not (leg is call.caller and leg.lost):
            assert leg.last.rpartition("/")[2] in LAST_WORDS


def no_money(cdr: AnyRow) -> list[list[object]]:
    """The CDR's lines, were nothing charged."""
    return [[kind, 0] for kind, _ in cdr.lines]


LAST_WORDS = frozenset(
    {
        SOUND_SORRY,
        SOUND_CALLER_HUNG_UP,
        SOUND_CALLER_LEFT,
        SOUND_TIME_IS_OVER,
        "goodbye",
        "called-refused",
        "called-no-key",
    }
)
"""The last words of the platform to a leg that it hangs up itself."""
