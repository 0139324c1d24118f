"""A real call that tries a phone or a trunk, and what came of it, in one line."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from asterisk_conf import secret
from asterisk_conf.errors import AsteriskError
from asterisk_conf.variables import MANAGER_USER, TEST, TEST_CONTEXT, TEST_EXTENSION
from monitor.ami import Ami, AmiError
from store.settings import Settings

OWN = "own"
"""The trunk that the settings name."""

RING_SECONDS = 25
CONNECT_SECONDS = 5.0
SPOOL = "spool/test"
_LOOK_AGAIN_SECONDS = 0.1
# Asterisk's numbers for what a channel that was originated heard last.
_REASONS: Mapping[str, str] = {
    "0": "it can't be reached: not registered, or no answer from there",
    "1": "it hung up at once",
    "3": "it rang, and nobody lifted",
    "5": "it is busy",
    "8": "it was refused on the way (no circuit, or not allowed)",
}


def ring_phone(settings: Settings, phone_id: str) -> str:
    """Ring a phone. Raises :class:`AsteriskError` when nothing could be tried."""
    return _tried(settings, f"PJSIP/{phone_id}", f"phone {phone_id}")


def call_by_trunk(settings: Settings, trunk_id: str, digits: str) -> str:
    """Ring a number by a trunk. Raises :class:`AsteriskError` when nothing could be tried."""
    return _tried(settings, f"PJSIP/{digits}@trunk.{trunk_id}", f"{digits} by trunk {trunk_id}")


def _tried(settings: Settings, channel: str, what: str) -> str:
    token = secrets.token_hex(8)
    file = settings.asterisk_dir / SPOOL / token
    try:
        asyncio.run(_originate(settings, channel, token))
        facts = _result(file, time.monotonic() + RING_SECONDS + CONNECT_SECONDS)
    except (AmiError, OSError, TimeoutError) as error:
        raise AsteriskError(f"{what} can't be tried: {error}") from None
    finally:
        file.unlink(missing_ok=True)
    return f"{what}: {_told(facts)}"


async def _originate(settings: Settings, channel: str, token: str) -> None:
    connected = asyncio.Event()
    password = secret.kept(settings)
    ami = Ami(settings.asterisk.ami_port, MANAGER_USER, password, connected.set)
    running = asyncio.create_task(ami.run())
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await connected.wait()
        await ami.ask("Originate", _headers(settings, channel, token))
    except TimeoutError:
        raise AmiError("Asterisk's manager interface doesn't answer: is it up?") from None
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def _headers(settings: Settings, channel: str, token: str) -> dict[str, str]:
    return {
        "Channel": channel,
        "Context": TEST_CONTEXT,
        "Exten": TEST_EXTENSION,
        "Priority": "1",
        "CallerID": settings.asterisk.caller_id,
        "Timeout": str(RING_SECONDS * 1000),
        "Variable": f"{TEST}={token}",
        "Async": "true",
    }


def _result(file: Path, deadline: float) -> list[str]:
    while time.monotonic() < deadline:
        if file.exists() and (text := file.read_text(encoding="utf-8")).endswith("\n"):
            return text.strip().split(",")
        time.sleep(_LOOK_AGAIN_SECONDS)
    raise TimeoutError("nothing was heard of it")


def _told(facts: list[str]) -> str:
    how, first, *rest = [*facts, "", "", ""][:4]
    if how != "answered":
        return _REASONS.get(first, f"it failed ({first or 'no reason was told'})")
    signalling, sound = ("encrypted" if one == "1" else "in the clear" for one in rest)
    return f"answered; codec {first.strip('()')}, signalling {signalling}, sound {sound}"
