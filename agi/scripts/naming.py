"""The caller's name in the caller's own voice, recorded once.

Staff can hear it and order it to be recorded again: a name is no place for messages.
"""

from __future__ import annotations

import array
import wave
from pathlib import Path

from agi.line import TRIES, Line
from agi.waiting import in_thread
from calls import people
from calls.people import Person
from ivr_prompts.saying import Recording, Sentence

LONGEST_SECONDS = 4
# A name lasts longer, and is louder, than a knock or the hiss of a line (16-bit samples).
SHORTEST_SECONDS = 0.4
QUIETEST = 300


def record_name(line: Line, call_id: str, person: Person) -> None:
    """Record the name and keep it once it is confirmed. Without one, the written name is said."""
    clip = f"{person.id}-{call_id}"
    path = line.context.sounds / f"{Recording(clip).path}.wav"
    kept = False
    try:
        kept = _say_until_it_is_right(line, clip, path)
        if kept:
            people.keep_name(line.context.database, person.id, clip, line.context.now())
    finally:
        if not kept:
            path.unlink(missing_ok=True)


def _say_until_it_is_right(line: Line, clip: str, path: Path) -> bool:
    for _ in range(TRIES):
        line.say(Sentence("name-record"))
        line.record(Recording(clip).path, LONGEST_SECONDS)
        if not in_thread(is_a_name, path):
            line.say(Sentence("name-not-heard"))
        elif line.ask(Sentence("name-check", name=Recording(clip)), digits=1) == "1":
            line.say(Sentence("name-kept"))
            return True
    return False


def is_a_name(path: Path) -> bool:
    """Whether somebody said something in this recording (8 kHz, 16-bit)."""
    try:
        with wave.open(str(path)) as file:
            samples = array.array("h", file.readframes(file.getnframes()))
            seconds = len(samples) / file.getframerate()
    except (OSError, EOFError, wave.Error):
        return False
    loudest: int = max(map(abs, samples), default=0)
    return bool(seconds >= SHORTEST_SECONDS and loudest >= QUIETEST)
