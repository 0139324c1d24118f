"""The monitor's round, about once a second: what was ordered is done, money is renewed, ends are
moved, warnings are said.

Every five seconds it looks which legs live, and which of them still send sound.

Without Asterisk nothing is renewed: no end could be moved, so the money would be held for seconds
that nobody can talk. Without the database no end is moved: Asterisk ends each talk when its money
ends. Any number of monitors may run side by side.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from asterisk_conf.variables import LOOK_SECONDS, SOUND_ONE_MINUTE_LEFT
from calls import renewal, talking, warnings
from calls.live import live_now
from calls.talking import Live
from calls.warnings import Warning_
from monitor import orders, talks
from monitor.ami import Ami, AmiError, Refused
from monitor.lines import Lines
from store.database import Database
from store.hot import Hot
from store.live_calls import Shown
from store.settings import CallSettings
from store.types import now

ROUND_SECONDS = 1.0
# Many wake-ups at once are one.
GATHER_SECONDS = 0.05
LOOK = timedelta(seconds=LOOK_SECONDS)

_log = logging.getLogger(__name__)


class Monitor:
    """The rounds over one database and one Asterisk. ``wake``: the next one begins at once."""

    def __init__(
        self,
        database: Database,
        settings: CallSettings,
        ami: Ami,
        hot: Hot,
        wake: asyncio.Event,
        media_seconds: int,
    ) -> None:
        self._lines = Lines(ami, media_seconds)
        self._database = database
        self._hot = hot
        self._settings = settings
        self._ami = ami
        self._wake = wake
        self._aligned = 0
        self._see_at = self._warn_at = now()
        self._trouble = ""

    async def run(self, told: asyncio.Event) -> None:
        """Go round until ``told``; nothing that fails keeps the next round from being tried."""
        while not told.is_set():
            try:
                await self._round()
                self._trouble = ""
            except (AmiError, SQLAlchemyError, OSError) as error:
                self._say_once(str(error))
            except Exception:
                _log.exception("a round failed")
            await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(ROUND_SECONDS):
                await self._wake.wait()
            self._warn_at = now()
            await asyncio.sleep(GATHER_SECONDS)
        except TimeoutError:
            pass
        self._wake.clear()

    async def _round(self) -> None:
        if not self._ami.up:
            return
        if self._aligned != self._ami.connection:
            await self._align()
        await self._carry_out()
        await self._renew()
        if now() >= self._warn_at:
            await self._warn()
        if now() >= self._see_at:
            await self._see()

    async def _carry_out(self) -> None:
        """Do what was ordered. What is wrong with one order keeps no talk from its money."""
        try:
            await orders.carry_out(self._database, self._ami, now())
        except (AmiError, SQLAlchemyError):
            raise
        except Exception:
            _log.exception("an order can't be carried out")

    async def _align(self) -> None:
        """Give every talk its end anew: what was sent on an earlier connection may be lost."""
        connection = self._ami.connection
        lives = await asyncio.to_thread(talking.live, self._database)
        await self._move_ends(lives)
        self._aligned = connection
        _log.info("%d calls talk", len(lives))

    async def _renew(self) -> None:
        # Should this fail half-way, some are renewed whose end wasn't moved: then all are aligned.
        aligned, self._aligned = self._aligned, 0
        grants = await asyncio.to_thread(renewal.renew_due, self._database, self._settings, now())
        await self._move_ends(grant.live for grant in grants)
        self._aligned = aligned
        await self._count("renewals", sum(not grant.final for grant in grants))

    async def _move_ends(self, lives: Iterable[Live]) -> None:
        moves = [self._move_end(live) for live in lives]
        for failed in await asyncio.gather(*moves, return_exceptions=True):
            if isinstance(failed, BaseException):
                raise failed

    async def _move_end(self, live: Live) -> None:
        try:
            seconds = talks.seconds_left(live, self._settings.warning_seconds, now())
            await talks.move_end(self._ami, live, seconds)
        except Refused as refusal:
            # It has hung up, and its end will be told.
            _log.debug("call %s: %s", live.call_id, refusal)
        except AmiError:
            raise
        except Exception:
            _log.exception("the end of call %s can't be moved", live.call_id)

    async def _warn(self) -> None:
        """Say what is due, and look again when the next may be: ends move meanwhile."""
        coming = await asyncio.to_thread(warnings.due, self._database, self._settings, now())
        moment = now()
        for one in coming:
            if one.at - talks.AHEAD <= moment:
                await self._say(one, moment)
        later = [one.at - talks.AHEAD for one in coming if one.at - talks.AHEAD > moment]
        self._warn_at = min([moment + LOOK, *later])

    async def _say(self, due: Warning_, at: datetime) -> None:
        if await asyncio.to_thread(warnings.claim, self._database, due.live.call_id, at):
            legs = (due.live.caller_channel, due.live.called_channel)
            sayings = [talks.say(self._ami, SOUND_ONE_MINUTE_LEFT, leg, due.at) for leg in legs]
            for failed in await asyncio.gather(*sayings, return_exceptions=True):
                if isinstance(failed, BaseException):
                    _log.warning("call %s: a warning isn't heard: %s", due.live.call_id, failed)
            await self._count("warnings", 1)

    async def _count(self, what: str, number: int) -> None:
        """For the status: how many of them there were today."""
        if number:
            await asyncio.to_thread(self._hot.count, what, now(), number)

    async def _see(self) -> None:
        """Keep what is proven to live, and show it to those who look."""
        moment = now()
        lives = await asyncio.to_thread(talking.live, self._database)
        if lives:
            seen = await talks.living(self._ami, lives)
            await asyncio.to_thread(talking.seen, self._database, seen, moment)
            await self._lines.look((one for one in lives if one.call_id in seen), moment)
        await asyncio.to_thread(self._show, moment)
        self._see_at = moment + LOOK

    def _show(self, moment: datetime) -> None:
        with self._database.begin() as connection:
            calls = live_now(connection)
        self._hot.show_live(Shown(moment, calls))

    def _say_once(self, trouble: str) -> None:
        if trouble != self._trouble:
            _log.error("still trying: %s", trouble)
        self._trouble = trouble
