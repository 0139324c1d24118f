"""Makes the sound files of a catalogue: spoken at set-up, cached by checksum, never built twice.

A clip in the cache is named by everything that decides how it sounds, so a changed sentence, voice
or setting is a new clip and nothing ever has to be thrown away. A studio recording wins.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ivr_prompts import audio, voices
from ivr_prompts.catalogue import PAUSE, Catalogue
from ivr_prompts.values import Name, name_clip
from ivr_prompts.voices import BuildError

__all__ = ["BuildError", "Built", "Progress", "build", "cache_folder"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Built:
    """What a build did: clips that now stand in ``folder``, and how many had to be made."""

    folder: Path
    clips: int
    made: int


@dataclass(frozen=True)
class _Job:
    """One clip to have. ``studio`` is its recording, if somebody spoke it."""

    clip: str
    text: str
    studio: Path | None
    cached: Path


def build(
    catalogue: Catalogue,
    out_dir: Path,
    names: Iterable[str] = (),
    studio_dir: Path | None = None,
    progress: Progress | None = None,
) -> Built:
    """Make every clip of the catalogue, and of the names, in ``out_dir/<language>/<clip>.wav``.

    ``studio_dir/<language>/<clip>.wav`` wins over a built clip. ``progress`` is told after each
    clip that had to be made: how many of how many. Clips that are no longer named stay: a call
    may be playing them. Raises :class:`BuildError`, also for a clip that came out badly (all
    others are made first), and ValueError for a name that can't be said.
    """
    jobs = _jobs(catalogue, _wanted(catalogue, names), studio_dir)
    missing = {job.cached: job for job in jobs if not job.cached.is_file()}
    faults = _make(catalogue, list(missing.values()), progress or (lambda done, of: None))
    folder = out_dir / catalogue.language
    folder.mkdir(parents=True, exist_ok=True)
    for job in jobs:
        if job.cached.is_file():
            _place(job.cached, folder / f"{job.clip}.wav")
    if faults:
        raise BuildError("; ".join(faults))
    return Built(folder, len(jobs), len(missing))


def cache_folder() -> Path:
    """Where built clips are kept for every checkout and every run."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "parloir" / "prompts"


def _wanted(catalogue: Catalogue, names: Iterable[str]) -> dict[str, str]:
    return {**catalogue.clips, **{name_clip(name): Name(name).text for name in names}}


def _jobs(catalogue: Catalogue, wanted: Mapping[str, str], studio_dir: Path | None) -> list[_Job]:
    settings = f"{audio.VERSION} {voices.settings(catalogue.voice)}"
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    jobs = []
    for clip, text in wanted.items():
        studio = _studio(studio_dir, catalogue.language, clip)
        source = studio.read_bytes() if studio else f"{settings} {clip == PAUSE}".encode()
        key = hashlib.sha256(b"\0".join((audio.VERSION.encode(), source, text.encode())))
        jobs.append(_Job(clip, text, studio, cache / f"{key.hexdigest()}.wav"))
    return jobs


def _studio(studio_dir: Path | None, language: str, clip: str) -> Path | None:
    if studio_dir is None:
        return None
    recording = studio_dir / language / f"{clip}.wav"
    return recording if recording.is_file() else None


def _make(catalogue: Catalogue, jobs: list[_Job], progress: Progress) -> list[str]:
    faults = []
    with tempfile.TemporaryDirectory(prefix="parloir-prompts-") as scratch:
        sources = _sources(catalogue, jobs, Path(scratch))
        for done, (job, source) in enumerate(sources, 1):
            if why := _keep(job, source):
                faults.append(f"{job.clip} ({job.text}) {why}")
            progress(done, len(jobs))
    return faults


def _sources(
    catalogue: Catalogue, jobs: list[_Job], scratch: Path
) -> Iterator[tuple[_Job, Path | None]]:
    ready = [job for job in jobs if job.studio or job.clip == PAUSE]
    spoken = [job for job in jobs if job not in ready]
    yield from ((job, job.studio) for job in ready)
    if spoken:
        texts = [job.text for job in spoken]
        yield from zip(spoken, voices.speak(catalogue.voice, texts, scratch), strict=True)


def _keep(job: _Job, source: Path | None) -> str | None:
    with _replacing(job.cached) as fresh:
        if source is None:
            audio.silence(fresh, audio.PAUSE_SECONDS)
            return None
        audio.to_telephone(source, fresh, audio.gap_after(job.text))
        why = audio.fault(audio.measure(audio.read(fresh)), job.text, studio=bool(job.studio))
        if why:
            fresh.unlink()
        return why


def _place(cached: Path, target: Path) -> None:
    sound = cached.read_bytes()
    if not target.is_file() or target.read_bytes() != sound:
        with _replacing(target) as fresh:
            fresh.write_bytes(sound)


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """A file beside ``target`` that becomes it at the end: nobody ever plays half a clip."""
    handle, name = tempfile.mkstemp(prefix=".new-", suffix=".wav", dir=target.parent)
    os.close(handle)
    fresh = Path(name)
    fresh.chmod(0o644)
    try:
        yield fresh
        if fresh.exists():
            fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
