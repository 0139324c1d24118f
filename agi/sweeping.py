"""The sweep: calls that ended unheard are ended, recordings that were left are sealed."""

from __future__ import annotations

import logging

from agi.context import Context
from agi.reports import as_ending
from agi.sealing import raw_file, seal_leftovers
from asterisk_conf.instance import Instance
from asterisk_conf.reports import spooled
from calls.ending import end
from calls.sweep import sweep
from cdr.recordings import raw_length_ms

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
    return swept


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
