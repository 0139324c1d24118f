"""What is done to a talk in Asterisk: its end moved, a sentence said into it, a leg taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from asterisk_conf import variables
from asterisk_conf.instance import NOBODYS
from calls.talking import Live
from monitor.ami import Ami, Refused

PAID_GRACE = timedelta(milliseconds=variables.PAID_GRACE_MS)
LIMIT_GRACE = timedelta(milliseconds=variables.LIMIT_GRACE_MS)
AHEAD = timedelta(milliseconds=variables.SAID_AHEAD_MS)
AT_ONCE_SECONDS = 0.1
_CHANNEL_ID = re.compile(r"[A-Za-z0-9_.-]+")


def seconds_left(live: Live, warning_seconds: int, at: datetime) -> float:
    """How long from ``at`` the talk may last: to the end of what is paid for, and a little more.

    Where the talk is paid for to the call's own limit, that is the end: Asterisk itself sees to
    it where it has warned of it, and there the end of the money only stands behind it.
    """
    by_itself = live.paid_seconds >= live.limit_seconds > warning_seconds
    grace = LIMIT_GRACE if by_itself else PAID_GRACE
    left = live.paid_until + grace - at
    return max(AT_ONCE_SECONDS, left / timedelta(seconds=1))


async def move_end(ami: Ami, live: Live, seconds: float) -> None:
    """End the talk ``seconds`` from now and not as was said before.

    Raises :class:`monitor.ami.AmiError`.
    """
    timeout = {"Channel": _checked(live.called_channel), "Timeout": f"{seconds:.3f}"}
    await ami.ask("AbsoluteTimeout", timeout)


async def say(ami: Ami, sound: str, channel: str, at: datetime) -> None:
    """Say a sound to one leg alone, in its language, at a moment: now, if that has passed.

    Asterisk itself waits for it. Raises as :func:`move_end`.
    """
    await ami.ask(
        "Originate",
        {
            "Channel": variables.SAID_CHANNEL,
            "Context": variables.SAID_CONTEXT,
            "Exten": variables.SAID_EXTENSION,
            "Priority": "1",
            "Timeout": "2000",
            "Async": "true",
            "Variable": f"__{variables.SAID_SIDE}={_checked(channel)},"
            f"__{variables.SAID_SOUND}={sound},"
            f"__{variables.SAID_AT}={int(at.timestamp() * 1000)}",
        },
    )


async def value(ami: Ami, channel: str, expression: str) -> str:
    """What a leg's function or variable says. Raises :class:`AmiError`."""
    answer = await ami.ask("Getvar", {"Channel": _checked(channel), "Variable": expression})
    return answer.get("value", "")


async def send(ami: Ami, channel: str, context: str) -> None:
    """Take a leg out of whatever it is in, to a context's ``s``. Raises :class:`AmiError`."""
    place = {"Context": context, "Exten": "s", "Priority": "1"}
    await ami.ask("Redirect", {"Channel": _checked(channel), **place})


async def stop_recording(ami: Ami, channel: str) -> None:
    """End the recording of a leg, and nothing else of it. Raises :class:`AmiError`."""
    await ami.ask("StopMixMonitor", {"Channel": _checked(channel)})


async def stop_listening(ami: Ami, channel: str) -> bool:
    """End whatever judges what is said on a leg; whether anything had begun to.

    Raises :class:`AmiError`.
    """
    leg = _checked(channel)
    await ami.ask("Setvar", {"Channel": leg, "Variable": "TONE_DETECT(2100,,x)", "Value": ""})
    listener = await value(ami, leg, variables.LISTENER)
    if listener:
        with suppress(Refused):
            # It may have judged already, and gone.
            await ami.ask("Hangup", {"Channel": listener})
    return bool(listener)


async def living(ami: Ami, calls: Iterable[Live]) -> list[str]:
    """The ids of those calls of which both legs live. Raises as :func:`move_end`."""
    channels = await ami.list("CoreShowChannels")
    legs = {one["uniqueid"] for one in channels if not one["channel"].startswith(NOBODYS)}
    return [one.call_id for one in calls if {one.caller_channel, one.called_channel} <= legs]


def _checked(channel: str) -> str:
    if not _CHANNEL_ID.fullmatch(channel):
        raise ValueError(f"{channel!r} is no channel's id")
    return channel
