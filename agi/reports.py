"""From what a leg reports of its end to what the rules of a call's end need to know."""

from __future__ import annotations

from agi.channel import Channel
from asterisk_conf.render import LOOK_SECONDS
from asterisk_conf.reports import FACTS, Report, parse
from calls.ending import MEDIA_TIMEOUT, Ending
from store.settings import Settings
from store.types import from_epoch_ms


def facts_of(channel: Channel) -> Report:
    """The report that a script was started with. Raises ``ReportError``."""
    return parse([channel.env.get(f"agi_arg_{place}", "") for place in range(1, FACTS + 1)])


def as_ending(report: Report, settings: Settings) -> Ending:
    """The ending that a leg's report tells of."""
    return Ending(
        leg=report.leg,
        at=from_epoch_ms(_ended_ms(report, settings)),
        joined_at=None if report.joined_ms is None else from_epoch_ms(report.joined_ms),
        ringing_at=None if report.rang_ms is None else from_epoch_ms(report.rang_ms),
        hung_up_by=report.hung_up_by,
        failed=report.failed,
        hangup_cause=report.hangup_cause,
    )


def _ended_ms(report: Report, settings: Settings) -> int:
    """Nobody pays for the silence that showed that the line was dead.

    The clock of a talk looks every few seconds: the time in between is given, too.
    """
    if report.hangup_cause != MEDIA_TIMEOUT or report.joined_ms is None:
        return report.ended_ms
    silent_seconds = settings.asterisk.media_seconds + LOOK_SECONDS
    return max(report.joined_ms, report.ended_ms - silent_seconds * 1000)
