"""The monitor as a process: connected to Asterisk and the database until it is told to end."""

from __future__ import annotations

import asyncio
import signal
from contextlib import closing

from asterisk_conf.variables import MANAGER_USER
from monitor.ami import Ami
from monitor.loop import Monitor
from store.database import open_database
from store.hot import Hot
from store.settings import Settings


def serve(settings: Settings, ami_secret: str) -> None:
    """Look after every talk until SIGTERM or SIGINT. Blocks; once a process."""
    asyncio.run(_serve(settings, ami_secret))


async def _serve(settings: Settings, ami_secret: str) -> None:
    told, wake = asyncio.Event(), asyncio.Event()

    def end() -> None:
        told.set()
        wake.set()

    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, end)
    ami = Ami(settings.asterisk.ami_port, MANAGER_USER, ami_secret, wake.set)
    with (
        closing(open_database(settings.database_url)) as database,
        closing(Hot(settings.redis_url)) as hot,
    ):
        beside = [asyncio.create_task(one) for one in (ami.run(), _woken(hot, wake))]
        await Monitor(database, settings.call, ami, hot, wake, settings.asterisk.media_seconds).run(
            told
        )
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def _woken(hot: Hot, wake: asyncio.Event) -> None:
    async for _ in hot.wakes():
        wake.set()
