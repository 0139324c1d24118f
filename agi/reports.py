"""From what a leg reports of its end to what the rules of a call's end need to know."""

from __future__ import annotations

from asterisk_conf.reports import Report
from calls.ending import Ending
from store.types import from_epoch_ms


def as_ending(report: Report) -> Ending:
    """The ending that a leg's report tells of."""
    return Ending(
        leg=report.leg,
        at=from_epoch_ms(report.ended_ms),
        joined_at=None if report.joined_ms is None else from_epoch_ms(report.joined_ms),
        ringing_at=None if report.rang_ms is None else from_epoch_ms(report.rang_ms),
        hung_up_by=report.hung_up_by,
        failed=report.failed,
        hangup_cause=report.hangup_cause,
    )
