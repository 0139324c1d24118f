"""``parloir prompts``: every language is made, with every name, and recorded names are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from custody.facilities import Facility, add_facility
from ivr_prompts import catalogue
from ivr_prompts.catalogue import Catalogue, Voice
from ivr_prompts.saying import name_clip
from parloir.common import Platform
from parloir.prompts import build_new_names, build_prompts, prompts
from store.database import Database

VOICES = {"en": Voice("espeak", "en-us"), "es": Voice("espeak", "es-419")}
JAIL = "Sample County Jail"
FACILITY = Facility("jail", JAIL, "jail", Decimal(300), "TX", "America/Chicago", 900, records=True)


@pytest.fixture
def platform(database: Database, tmp_path: Path) -> Iterator[Platform]:
    file = tmp_path / "parloir.toml"
    file.write_text(f'database = "{database.engine.url.render_as_string(hide_password=False)}"\n')
    one = Platform(file)
    yield one
    one.database.engine.dispose()


@pytest.fixture(autouse=True)
def few_clips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two clips a language by the quick voices, in a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    loaded = {language: _few(one) for language, one in catalogue.load_all().items()}
    monkeypatch.setattr(catalogue, "load_all", lambda: loaded)


def _few(one: Catalogue) -> Catalogue:
    clips = {clip: one.clips[clip] for clip in ("pause", "goodbye")}
    return replace(one, clips=clips, voice=VOICES[one.language])


def test_every_language_says_every_name_in_its_own_voice(platform: Platform) -> None:
    sounds = platform.settings.asterisk_dir / "sounds"
    recorded = sounds / "names" / "person-7.wav"
    recorded.parent.mkdir(parents=True)
    recorded.write_bytes(b"a voice")
    add_facility(platform.database, FACILITY, "test")
    build_prompts(platform.settings, platform.database)
    build_new_names(platform.settings, platform.database)
    name = f"{name_clip(JAIL)}.wav"
    for language in VOICES:
        made = {file.name for file in (sounds / language).iterdir()}
        assert made >= {name, "pause.wav", "goodbye.wav", f"{name_clip('Parloir')}.wav"}
    assert (sounds / "en" / name).read_bytes() != (sounds / "es" / name).read_bytes()
    assert recorded.read_bytes() == b"a voice"


def test_nothing_is_made_before_asterisk_is_set_up(platform: Platform) -> None:
    build_new_names(platform.settings, platform.database)
    assert not platform.settings.asterisk_dir.exists()


@pytest.mark.parametrize(("language", "words"), [("en", "Goodbye."), ("es", "Adiós.")])
def test_the_sentences_of_a_language_are_listed(
    platform: Platform, language: str, words: str
) -> None:
    told = CliRunner().invoke(prompts, ["list", "--language", language], obj=platform)
    lines = [line.split(maxsplit=1) for line in told.output.splitlines()]
    assert ["goodbye", words] in lines
    assert told.exit_code == 0


def test_a_language_that_there_is_not_is_refused(platform: Platform) -> None:
    told = CliRunner().invoke(prompts, ["list", "--language", "xx"], obj=platform)
    assert told.exit_code == 2
    assert "'en', 'es'" in told.output
