"""From what a leg reports of its end to what the rules of a call's end need to know."""

from __future__ import annotations

from datetime import timedelta

from agi.channel import Channel
from asterisk_conf.reports import FACTS, Report, parse
from asterisk_conf.variables import LOOK_SECONDS
from calls.ending import Ending
from store.settings import Settings
from store.types import from_epoch_ms


def facts_of(channel: Channel) -> Report:
    """The report that a script was started with. Raises ``ReportError``."""
    return parse([channel.env.get(f"agi_arg_{place}", "") for place in range(1, FACTS + 1)])


def as_ending(report: Report, settings: Settings) -> Ending:
    """The ending that a leg's report tells of."""
    return Ending(
        leg=report.leg,
        at=from_epoch_ms(report.ended_ms),
        joined_at=None if report.joined_ms is None else from_epoch_ms(report.joined_ms),
        ringing_at=None if report.rang_ms is None else from_epoch_ms(report.rang_ms),
        hung_up_by=report.hung_up_by,
        failed=report.failed,
        hangup_cause=report.hangup_cause,
        # The monitor counts a talk's packets every few seconds: the time in between counts, too.
        silence=timedelta(seconds=settings.asterisk.media_seconds + LOOK_SECONDS),
    )
