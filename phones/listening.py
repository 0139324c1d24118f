"""The listening half of :class:`phones.phone.Phone`: what was heard, and when."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from phones.clip import RATE, Clip
from phones.ear import Ear, Match
from phones.events import Event, Heard, PhoneError, moment
from phones.process import Process

DEFAULT_TIMEOUT = 10.0
# A clip that follows another may seem to begin a little early: a frame was dropped on the way.
SLACK = timedelta(milliseconds=100)


class Listening:
    """Follows a phone's recording. ``vocabulary``: the clips that failures are explained with."""

    _process: Process

    def __init__(self, directory: Path, vocabulary: Iterable[Clip]) -> None:
        self._directory = directory
        self._vocabulary = tuple(vocabulary)
        self._ear = Ear()
        self._read = 0
        self._call_began = 0

    @property
    def events(self) -> Sequence[Event]:
        """Everything that happened on this phone so far, ticks left out."""
        return tuple(self._process.events)

    def wait_heard(
        self,
        clips: Clip | Sequence[Clip],
        timeout: float = DEFAULT_TIMEOUT,
        after: datetime | None = None,
        lost: int = 0,
    ) -> Heard:
        """Wait until a clip, or several in this order, was heard whole, beginning at or after
        ``after``. Of several, the result spans all and has the worst score; as many as ``lost``
        may be missing, but not the last: a busy machine garbles a word of a long sentence. Fails
        at once when the call has ended."""
        wanted = [clips] if isinstance(clips, Clip) else list(clips)

        def seek() -> Heard | str | None:
            over = self._process.first(("disconnected",), self._call_began)
            return self._sequence(wanted, after, lost) or ("call over" if over else None)

        found = self._process.wait(seek, timeout)
        if isinstance(found, Heard):
            return found
        names = ", ".join(clip.name for clip in wanted)
        raise self._failure(f"not heard: {names} ({found or f'in {timeout} s'})", wanted)

    def wait_begun(
        self,
        *clips: Clip,
        timeout: float = DEFAULT_TIMEOUT,
        after: datetime | None = None,
    ) -> Heard:
        """Wait until the beginning of one of the clips was heard: all that a barge-in leaves.

        Longer beginnings count as well, in case a frame was lost in the shortest.
        """
        pieces = [piece for clip in clips for piece in clip.beginnings]

        def seek() -> Heard | str | None:
            over = self._process.first(("disconnected",), self._call_began)
            every = [one for piece in pieces for one in self.heard(piece, after)]
            return min(every, key=lambda one: one.at, default=None) or ("over" if over else None)

        found = self._process.wait(seek, timeout)
        if isinstance(found, Heard):
            return found
        names = ", ".join(clip.name for clip in clips)
        raise self._failure(f"not begun: {names} ({found or f'in {timeout} s'})", clips)

    def heard(self, clip: Clip, after: datetime | None = None) -> list[Heard]:
        """Every time that a clip was heard whole so far."""
        self._listen()
        every = [self._heard(match) for match in self._ear.find(clip, self._place(after))]
        return [one for one in every if after is None or one.at >= after]

    def not_heard(self, clip: Clip, after: datetime | None = None) -> bool:
        """Whether a clip was never heard whole so far."""
        return not self.heard(clip, after)

    def transcript(self, clips: Iterable[Clip]) -> list[Heard]:
        """Which of ``clips`` was heard when, so far."""
        self._listen()
        return [self._heard(match) for match in self._ear.transcript(clips)]

    def _failure(self, what: str, wanted: Iterable[Clip] = ()) -> PhoneError:
        clips = dict.fromkeys((*self._vocabulary, *wanted))
        lines = [(one.at, f"heard {one.clip.name} ({one.score:.2f})") for one in _told(self, clips)]
        lines += [(event.at, f"{event.name} {dict(event.facts)}") for event in self.events]
        story = "".join(f"\n  {at:%H:%M:%S.%f} {line}" for at, line in sorted(lines))
        return PhoneError(f"{what}; on this phone: {story or 'nothing'}")

    def _listen(self) -> None:
        with (self._directory / "heard.pcm").open("rb") as recording:
            recording.seek(self._read)
            fresh = recording.read()
        self._ear.listen(fresh)
        self._read += len(fresh)

    def _sequence(self, clips: list[Clip], after: datetime | None, lost: int) -> Heard | None:
        every: list[Heard] = []
        for clip in clips:
            found = self.heard(clip, every[-1].until - SLACK if every else after)
            if not found and (lost == 0 or clip is clips[-1]):
                return None
            every += found[:1]
            lost -= not found
        worst = min(one.score for one in every)
        return Heard(every[0].clip, every[0].at, every[-1].until, worst)

    def _place(self, at: datetime | None) -> float:
        # A sample early: rounding must not leave out what began just then.
        return (at.timestamp() - self._process.started) * RATE - 1 if at else -math.inf

    def _heard(self, match: Match) -> Heard:
        origin = moment(self._process.started)
        start, end = (timedelta(seconds=at / RATE) for at in (match.start, match.end))
        return Heard(match.clip, origin + start, origin + end, match.score)


def _told(phone: Listening, clips: Iterable[Clip]) -> list[Heard]:
    try:
        return phone.transcript(clips)
    except FileNotFoundError:
        return []  # it never started: the failure to be explained is another one
