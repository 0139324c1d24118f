"""Days and times of day as clips: the words and their order are the catalogue's."""

from __future__ import annotations

from ivr_prompts.catalogue import PAUSE, Catalogue
from ivr_prompts.values import Date, TimeOfDay

Clips = tuple[str, ...]


def date(catalogue: Catalogue, value: Date) -> Clips:
    """*Sunday, November twenty-second*."""
    clips = {
        "weekday": f"weekday-{value.day.isoweekday()}",
        "month": f"month-{value.day.month}",
        "day": f"day-{value.day.day}",
        "pause": PAUSE,
    }
    return tuple(clips[part] for part in catalogue.date_order)


def time(catalogue: Catalogue, value: TimeOfDay) -> Clips:
    """*four oh five P M*; *twelve noon* where the catalogue names the full hour."""
    whole = f"time-whole-{value.hour}"
    if not value.minute and whole in catalogue.clips:
        return (whole,)
    part = max((start for start in catalogue.day_parts if start <= value.hour), default=None)
    clips = (f"hour-{value.hour}", f"minute-{value.minute}", f"day-part-{part}")
    return tuple(clip for clip in clips if clip in catalogue.clips)
