"""A leg's report of its own end, as the dialplan gives it: to the script, or into the spool.

The eight facts, separated by commas: call, leg, end, hang-up cause (Q.850), joined at, rang at,
who hung up (``self``, ``other`` or nobody), ``yes`` when the platform failed the leg. Moments are
epoch milliseconds; those that never came are empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FACTS = 8
SPOOL = "spool/ended"
# Milliseconds up to the year 2286.
MOST_DIGITS = 13


class ReportError(ValueError):
    """The facts can't be read; the message says which."""


@dataclass(frozen=True)
class Report:
    """How a leg ended. Moments in epoch milliseconds."""

    call_id: str
    leg: str
    ended_ms: int
    hangup_cause: int | None
    joined_ms: int | None
    rang_ms: int | None
    hung_up_by: str
    failed: bool


def parse(facts: Sequence[str]) -> Report:
    """The report that the facts make. Raises :class:`ReportError`."""
    if len(facts) != FACTS or not facts[0] or facts[1] not in ("caller", "called"):
        raise ReportError(f"a leg's report needs {FACTS} facts, not {list(facts)}")
    ended = _number(facts[2])
    if ended is None:
        raise ReportError(f"a leg's report needs the moment of its end: {list(facts)}")
    cause, joined, rang = (_number(fact) for fact in facts[3:6])
    return Report(facts[0], facts[1], ended, cause, joined, rang, facts[6], facts[7] == "yes")


def spooled(asterisk_dir: Path) -> dict[Path, Report]:
    """The reports in the spool by file, the earliest end of each call first.

    A file that can't be read stays where it is for a person to look at.
    """
    found = {}
    for path in sorted((asterisk_dir / SPOOL).glob("*")):
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").split()
            found[path] = parse(lines[0].split(",") if lines else [])
        except (OSError, ReportError):
            continue
    return dict(sorted(found.items(), key=lambda item: item[1].ended_ms))


def _number(fact: str) -> int | None:
    if not fact:
        return None
    if not fact.isascii() or not fact.isdigit() or len(fact) > MOST_DIGITS:
        raise ReportError(f"{fact!r} is no number")
    return int(fact)
