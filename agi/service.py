"""The platform's FastAGI service: the scripts, what they need, and the sweeper beside them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncIterator, Mapping

from sqlalchemy.exc import SQLAlchemyError

from agi import server
from agi.context import Context
from agi.scripts import called, caller, ended, machine, outcome, registered
from agi.session import Script
from agi.sweeping import follow_lines, sweep_once
from asterisk_conf.errors import AsteriskError
from asterisk_conf.instance import Instance
from ivr_prompts.catalogue import load_all
from rating import deckstore
from rating.tomlrows import DeckError
from store.database import open_database, open_for_loop
from store.settings import Settings

SWEEP_SECONDS = 15.0
SCRIPTS: Mapping[str, Script[Context]] = {
    "caller": caller.caller,
    "called": called.called,
    "unanswered": outcome.unanswered,
    "over": outcome.over,
    "machine": machine.machine,
    "ended": ended.ended,
    "registered": registered.registered,
}
_log = logging.getLogger(__name__)


def serve(settings: Settings, pin_key: bytes, asterisk: Instance) -> None:
    """Serve calls until SIGTERM or SIGINT. Blocks; once a process."""
    database, dispose = open_for_loop(settings.database_url)
    blocking = open_database(settings.database_url)
    context = Context(settings, database, blocking, load_all(), pin_key)

    # The book of a whole country's exchanges takes some 50 ms: better now than on the first call.
    try:
        with context.blocking.begin() as connection:
            deckstore.prices(connection)
    except (SQLAlchemyError, DeckError):
        _log.exception("the price book can't be read: until it can, no call is placed")

    @contextlib.asynccontextmanager
    async def beside() -> AsyncIterator[None]:
        sweeper = asyncio.create_task(_sweep_forever(context, asterisk))
        try:
            yield
        finally:
            sweeper.cancel()
            await asyncio.gather(sweeper, return_exceptions=True)
            await dispose()

    # What is loaded now stays: to look through it for garbage would stop every call for 80 ms.
    gc.collect()
    gc.freeze()
    server.serve(settings.agi, SCRIPTS, context, beside)


async def _sweep_forever(context: Context, asterisk: Instance) -> None:
    while True:
        try:
            if await asyncio.to_thread(follow_lines, context, asterisk):
                _log.info("Asterisk has taken changed phones, trunks or hotlines")
            if swept := await asyncio.to_thread(sweep_once, context, asterisk):
                _log.warning("ended %d calls that nobody had ended: %s", len(swept), swept)
        except (AsteriskError, SQLAlchemyError, OSError) as error:
            _log.error("no sweep: %s", error)
        except Exception:
            # A sweep that fails must never be the last one.
            _log.exception("no sweep")
        await asyncio.sleep(SWEEP_SECONDS)
