"""The sweep: calls that ended unheard are ended, recordings that were left are sealed."""

from __future__ import annotations

import logging

from sqlalchemy.exc import SQLAlchemyError

from agi.context import Context
from agi.lines import take_lines
from agi.reports import as_ending
from agi.sealing import raw_file, seal_leftovers
from asterisk_conf import hotline_reports
from asterisk_conf.instance import Instance
from asterisk_conf.reports import spooled
from calls.ending import end
from calls.sweep import sweep
from cdr.recordings import raw_length_ms
from custody.lines.hotlines import keep_call
from store.types import from_epoch_ms

_log = logging.getLogger(__name__)


def sweep_once(context: Context, asterisk: Instance) -> list[str]:
    """End what no channel carries any more; the ids of the calls that were ended.

    Raises :class:`asterisk_conf.errors.AsteriskError` when Asterisk can't be asked: then it is
    not known what lives, and nothing is swept.
    """
    live = asterisk.live_channels()
    swept = _take_reports(context)
    swept += sweep(
        context.blocking,
        live,
        lambda call_id: raw_length_ms(raw_file(context, call_id)),
        context.now(),
    )
    seal_leftovers(context, live)
    _take_hotline_reports(context)
    return swept


def follow_lines(context: Context, asterisk: Instance) -> bool:
    """Hand Asterisk what was changed of its phones, trunks and hotlines; whether anything was.

    Raises :class:`asterisk_conf.errors.AsteriskError` when it can't be told.
    """
    if not asterisk.is_running():
        return False
    take_lines(asterisk, context.blocking)
    return asterisk.follow()


def _take_hotline_reports(context: Context) -> None:
    for path, report in hotline_reports.spooled(context.settings.asterisk_dir).items():
        row = {
            "id": path.name,
            "phone_id": report.phone,
            "code": report.code,
            "number": f"+{report.number}",
            "trunk_id": report.trunk or None,
            "began_at": from_epoch_ms(report.began_ms),
            "ended_at": from_epoch_ms(report.ended_ms),
            "talk_ms": report.talk_ms,
            "outcome": report.status.lower() or "not_dialled",
        }
        try:
            with context.blocking.begin() as connection:
                kept = keep_call(connection, row)
        except SQLAlchemyError:
            _log.exception("the report %s can't be taken", path)
            continue
        if kept:
            path.unlink(missing_ok=True)


def _take_reports(context: Context) -> list[str]:
    taken = []
    for path, report in spooled(context.settings.asterisk_dir).items():
        try:
            ended = end(context.blocking, report.call_id, as_ending(report, context.settings))
        except Exception:
            # It stays for a person to look at; the others must not wait for it.
            _log.exception("the report %s can't be taken", path)
            continue
        if ended:
            taken.append(report.call_id)
        path.unlink(missing_ok=True)
    return taken
