"""A hotline's call as the dialplan tells it: no script knows of it.

The eight facts, separated by commas: phone, code, number, trunk, began (epoch ms), talk (ms, empty:
nobody answered), ended (epoch ms), DIALSTATUS (empty: nothing was dialled).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.reports import MOST_DIGITS, ReportError

FACTS = 8
SPOOL = "spool/hotline"


@dataclass(frozen=True)
class HotlineReport:
    """One call. Moments in epoch milliseconds."""

    phone: str
    code: str
    number: str
    trunk: str
    began_ms: int
    talk_ms: int | None
    ended_ms: int
    status: str


def parse(facts: Sequence[str]) -> HotlineReport:
    """The report that the facts make. Raises :class:`ReportError`."""
    if len(facts) != FACTS or not all(facts[:3]):
        raise ReportError(f"a hotline's report needs {FACTS} facts, not {list(facts)}")
    began, talk, ended = (_number(facts[place]) for place in (4, 5, 6))
    if began is None or ended is None:
        raise ReportError(f"a hotline's report needs its moments: {list(facts)}")
    phone, code, number, trunk = facts[:4]
    return HotlineReport(phone, code, number, trunk, began, talk, ended, facts[7])


def spooled(asterisk_dir: Path) -> dict[Path, HotlineReport]:
    """The reports in the spool by file; one that can't be read stays for a person to look at."""
    found = {}
    for path in sorted((asterisk_dir / SPOOL).glob("*")):
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").split()
            found[path] = parse(lines[0].split(",") if lines else [])
        except (OSError, ReportError):
            continue
    return found


def _number(fact: str) -> int | None:
    if not fact:
        return None
    if not fact.isascii() or not fact.isdigit() or len(fact) > MOST_DIGITS:
        raise ReportError(f"{fact!r} is no number")
    return int(fact)
