"""The kinds of controls: how each is written, and what each answers about a call.

A rule is asked by itself and only ever refuses or shortens. A call needs the consent of all, and
lasts as long as the shortest allows: so the strictest wins, in whatever order they are asked, and
another rule never permits more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import partial
from typing import Any

from blocklists.policy import hours, reading
from blocklists.policy.history import NO_TIME, Past, Period, start_of, talked_since
from blocklists.policy.reading import PanMode


class Kind(StrEnum):
    """What a control is about."""

    CALLS = "calls"
    HOURS = "hours"
    RECORD = "record"
    PAN = "pan"
    ONE_LIVE_CALL = "one_live_call"
    PAUSE_SECONDS = "pause_seconds"
    ATTEMPTS = "attempts"
    REFUSALS = "refusals"
    CALLS_PER_DAY = "calls_per_day"
    CALLS_PER_WEEK = "calls_per_week"
    CALLS_PER_MONTH = "calls_per_month"
    MINUTES_PER_DAY = "minutes_per_day"
    MINUTES_PER_WEEK = "minutes_per_week"
    MINUTES_PER_MONTH = "minutes_per_month"
    LONGEST_CALL_SECONDS = "longest_call_seconds"


@dataclass(frozen=True)
class Question:
    """A call that a person wants to make now. ``history``: the person's other calls.

    ``on_list``: whether the number is on the person's list; ``entries``: how many are.
    ``forgiven_until``: calls to the number before that were answered by a block of it.
    """

    at: datetime
    zone: tzinfo
    number: str
    history: Sequence[Past] = ()
    on_list: bool = False
    entries: int = 0
    forgiven_until: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """A rule's answer. ``seconds``: the longest talk that it allows; None: any."""

    said: str
    refused: bool = False
    seconds: int | None = None


@dataclass(frozen=True)
class Control:
    """``read`` what staff have written, as it is kept; ``ask`` it about a call.

    ``since``: from when on the calls have to be known that it counts; None: it counts none.
    """

    read: Callable[[object], Any]
    ask: Callable[[Any, Question], Verdict]
    means: str
    since: Callable[[Any, Question], datetime] | None = None


def counted(question: Question) -> list[Past]:
    """The calls that counters count."""
    return [one for one in question.history if not one.privileged]


def _on(value: bool, _question: Question) -> Verdict:
    return Verdict("ok" if value else "refused", not value)


def _recorded(value: bool, _question: Question) -> Verdict:
    return Verdict("recorded" if value else "not recorded")


def _hours(value: str, question: Question) -> Verdict:
    seconds = hours.open_for(value, question.at, question.zone) // timedelta(seconds=1)
    if not seconds:
        return Verdict(f"refused: open {value}", refused=True)
    return Verdict(f"open for {seconds} s", seconds=seconds)


def _longest(value: int, _question: Question) -> Verdict:
    return Verdict(f"{value} s", seconds=value)


def _calls(period: Period, value: int, question: Question) -> Verdict:
    start = start_of(period, question.at, question.zone)
    made = sum(one.counts_since(start) for one in counted(question))
    return Verdict(f"{made} of {value} calls", made >= value)


def _minutes(period: Period, value: int, question: Question) -> Verdict:
    start = start_of(period, question.at, question.zone)
    talked = talked_since(question.history, start)
    left = max(NO_TIME, timedelta(minutes=value) - talked) // timedelta(seconds=1)
    return Verdict(f"{left} s of {value} minutes left", not left, left)


def _attempts(value: Mapping[str, int], question: Question) -> Verdict:
    since = max(_window(value, question), question.forgiven_until or _EVER)
    made = sum(
        one.authorized_at > since and one.number == question.number for one in counted(question)
    )
    said = f"{made} of {value['count']} calls to the number in {value['minutes']} minutes"
    return Verdict(said, made >= value["count"])


def _refusals(value: Mapping[str, int], question: Question) -> Verdict:
    since = _window(value, question)
    made = sum(one.refused and (one.ended_at or question.at) > since for one in counted(question))
    said = f"{made} of {value['count']} calls declined in {value['minutes']} minutes"
    return Verdict(said, made >= value["count"])


def _pause(value: int, question: Question) -> Verdict:
    ends = [_pause_from(one, question.at) for one in counted(question) if one.counts_since(_EVER)]
    rested = min((question.at - end for end in ends), default=None)
    if rested is None or rested >= timedelta(seconds=value):
        return Verdict("ok")
    return Verdict(f"refused: {rested.total_seconds():.0f} s of {value} s", refused=True)


def _pause_from(one: Past, at: datetime) -> datetime:
    return one.ended_at or at


def _one_live(value: bool, question: Question) -> Verdict:
    lives = value and any(one.ended_at is None for one in question.history)
    return Verdict("refused" if lives else "ok", lives)


def _pan(value: Mapping[str, Any], question: Question) -> Verdict:
    mode, most = PanMode(value["mode"]), value["max"]
    if mode is PanMode.OFF or question.on_list:
        return Verdict(f"{mode}: ok")
    room = mode is PanMode.SELF_LEARNING and question.entries < most
    return Verdict(f"{mode}: {question.entries} of {most} numbers, not this one", not room)


def _window(value: Mapping[str, int], question: Question) -> datetime:
    return question.at - timedelta(minutes=value["minutes"])


def _pause_since(value: int, question: Question) -> datetime:
    return question.at - timedelta(seconds=value)


def _period_since(period: Period, _value: object, question: Question) -> datetime:
    return start_of(period, question.at, question.zone)


def _now(_value: object, question: Question) -> datetime:
    return question.at


def _per(ask: Any, period: Period, means: str) -> Control:
    since = partial(_period_since, period)
    return Control(reading.limit, partial(ask, period), f"{means} a {period}", since)


_EVER = datetime.min.replace(tzinfo=UTC)
CONTROLS: Mapping[Kind, Control] = {
    Kind.CALLS: Control(reading.flag, _on, "on, or off: no calls at all"),
    Kind.HOURS: Control(reading.hours_text, _hours, "when calls may be"),
    Kind.RECORD: Control(reading.flag, _recorded, "on, or off: never recorded"),
    Kind.PAN: Control(reading.pan, _pan, "off, 'allow_list 20' or 'self_learning 20'"),
    Kind.ONE_LIVE_CALL: Control(reading.flag, _one_live, "on: one call at a time", _now),
    Kind.PAUSE_SECONDS: Control(reading.limit, _pause, "seconds between talks", _pause_since),
    Kind.ATTEMPTS: Control(
        reading.window, _attempts, "'5 in 60': calls to one number in so many minutes", _window
    ),
    Kind.REFUSALS: Control(
        reading.window, _refusals, "'3 in 60': calls that were declined, in minutes", _window
    ),
    **{Kind(f"calls_per_{one}"): _per(_calls, one, "accepted calls") for one in Period},
    **{Kind(f"minutes_per_{one}"): _per(_minutes, one, "minutes of talk") for one in Period},
    Kind.LONGEST_CALL_SECONDS: Control(reading.length, _longest, "seconds of the longest call"),
}
"""Every kind, in the order in which a refusal is told."""
