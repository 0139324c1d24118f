"""The tests' own studio recordings: every prompt as it is built, spoken at one and a half its pace.

A call test waits in real time for what the phones hear. What is heard is found by its waveform, so
the pace changes how long a test takes and nothing else. What the parties say keeps its pace: a
talk has to last until it costs something.
"""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ivr_prompts import builder
from ivr_prompts.catalogue import PAUSE, load_all
from parloir import sample
from tests.services import locked

PACE = "1.5"
HELLO = "Hello, this is a test of talking from the facility to the outside world."
REPLY = "And this is what comes back from the outside to the one who called."
OWN_VOICE = "It is me, your brother Alex."
PERSON_NAME = "Alex Rivers"


def recorded(run: Path) -> Path:
    """The folder of the recordings, made by the first worker of a run that asks."""
    folder = run / "studio"
    with locked(run):
        if not folder.exists():
            _record(run / "voice", folder)
            # Into the cache, once.
            build(run / "prompts", folder)
    return folder


def build(sounds: Path, studio: Path) -> None:
    """Make the prompts, what the two say to each other, and the names in every language."""
    _build(sounds, (HELLO, REPLY, OWN_VOICE), studio)


def _build(sounds: Path, speech: tuple[str, ...] = (), studio: Path | None = None) -> None:
    for language, words in load_all().items():
        names = [PERSON_NAME, sample.FACILITY.name, *(speech if language == "en" else ())]
        builder.build(words, sounds, names=names, studio_dir=studio)


def _record(voice: Path, folder: Path) -> None:
    _build(voice)
    for language in load_all():
        (folder / language).mkdir(parents=True)
    clips = [one.relative_to(voice) for one in voice.glob("*/*.wav") if one.stem != PAUSE]

    def quicken(clip: Path) -> None:
        order = ["sox", str(voice / clip), str(folder / clip), "tempo", "-s", PACE]
        subprocess.run(order, check=True)

    with ThreadPoolExecutor(2) as both:
        list(both.map(quicken, clips))
