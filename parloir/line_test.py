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
from asterisk_conf.render import TEST_SECONDS
from asterisk_conf.variables import (
    MANAGER_USER,
    TEST,
    TEST_CHANNEL,
    TEST_CONTEXT,
    TEST_EXTENSION,
    TEST_TO,
)
from monitor.ami import Ami, AmiError
from store.settings import Settings

OWN = "own"
"""The trunk that the settings name."""

CONNECT_SECONDS = 5.0
SPOOL = "spool/test"
_LOOK_AGAIN_SECONDS = 0.1
_OUTCOMES: Mapping[str, str] = {
    "BUSY": "it is busy",
    "NOANSWER": "it rang, and nobody lifted",
    "CONGESTION": "it was refused on the way",
    "CHANUNAVAIL": "it can't be reached",
}


def ring_phone(settings: Settings, phone_id: str) -> str:
    """Ring a phone. Raises :class:`AsteriskError` when nothing could be tried."""
    return _tried(settings, phone_id, f"phone {phone_id}")


def call_by_trunk(settings: Settings, trunk_id: str, digits: str) -> str:
    """Ring a number by a trunk. Raises :class:`AsteriskError` when nothing could be tried."""
    return _tried(settings, f"{digits}@trunk.{trunk_id}", f"{digits} by trunk {trunk_id}")


def _tried(settings: Settings, to: str, what: str) -> str:
    token = secrets.token_hex(8)
    file = settings.asterisk_dir / SPOOL / token
    try:
        asyncio.run(_originate(settings, to, token))
        facts = _result(file, time.monotonic() + TEST_SECONDS + CONNECT_SECONDS)
    except (AmiError, OSError, TimeoutError) as error:
        raise AsteriskError(f"{what} can't be tried: {error}") from None
    finally:
        file.unlink(missing_ok=True)
    return f"{what}: {_told(facts)}"


async def _originate(settings: Settings, to: str, token: str) -> None:
    connected = asyncio.Event()
    password = secret.kept(settings)
    ami = Ami(settings.asterisk.ami_port, MANAGER_USER, password, connected.set)
    running = asyncio.create_task(ami.run())
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await connected.wait()
        await ami.ask("Originate", _headers(settings, to, token))
    except TimeoutError:
        raise AmiError("Asterisk's manager interface doesn't answer: is it up?") from None
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def _headers(settings: Settings, to: str, token: str) -> dict[str, str]:
    return {
        "Channel": TEST_CHANNEL,
        "Context": TEST_CONTEXT,
        "Exten": TEST_EXTENSION,
        "Priority": "1",
        "CallerID": settings.asterisk.caller_id,
        "Timeout": str(TEST_SECONDS * 1000),
        "Variable": f"__{TEST}={token},{TEST_TO}={to}",
        "Async": "true",
    }


def _result(file: Path, deadline: float) -> list[str]:
    while time.monotonic() < deadline:
        if file.exists() and (text := file.read_text(encoding="utf-8")).endswith("\n"):
            return text.strip().split(",")
        time.sleep(_LOOK_AGAIN_SECONDS)
    raise TimeoutError("nothing was heard of it")


def _told(facts: list[str]) -> str:
    how, what, *wires = [*facts, "", "", ""][:4]
    if how == "ANSWER":
        signalling, sound = ("encrypted" if one == "1" else "in the clear" for one in wires)
        return f"answered; codec {what.strip('()')}, signalling {signalling}, sound {sound}"
    status = f" (SIP {what})" if what else " (nothing answered)"
    return _OUTCOMES.get(how, f"it failed: {how}") + status
