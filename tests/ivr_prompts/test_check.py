"""The check that no script names a sentence that can't be said."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr_prompts.catalogue import languages, load
from ivr_prompts.check import (
    OFFERS,
    SPOKEN_BY_DIALPLAN,
    UnreadableSentenceError,
    faults,
    named_prompts,
    unused,
)

SCRIPTS = Path(__file__).parents[2] / "agi"


@pytest.mark.parametrize("language", languages())
def test_the_scripts_say_only_what_every_catalogue_has(language: str) -> None:
    assert faults(named_prompts([SCRIPTS]), load(language)) == []


@pytest.mark.parametrize("language", languages())
def test_no_sentence_is_unused(language: str) -> None:
    assert unused(named_prompts([SCRIPTS]), load(language)) == []


def script(folder: Path, source: str) -> Path:
    file = folder / "leg.py"
    file.write_text(source, encoding="utf-8")
    return file


def test_sentences_are_found_with_their_lines_and_slots(tmp_path: Path) -> None:
    file = script(tmp_path, 'x = Sentence("a")\ny = say(saying.Sentence("b", n=1, m=2))\n')
    assert [(one.line, one.id, one.slots) for one in named_prompts([tmp_path])] == [
        (1, "a", frozenset()),
        (2, "b", frozenset({"n", "m"})),
    ]
    assert named_prompts([file]) == named_prompts([tmp_path])


def test_either_of_two_is_both(tmp_path: Path) -> None:
    file = script(tmp_path, 'Sentence("a" if x else "b" if y else "c", n=1)\n')
    assert [(one.id, one.slots) for one in named_prompts([file])] == [
        (key, frozenset({"n"})) for key in "abc"
    ]


@pytest.mark.parametrize(
    "call",
    [
        "Sentence(which)",
        'Sentence("a" if x else which)',
        'Sentence("a" + b)',
        "Sentence()",
        'Sentence("a", **slots)',
    ],
)
def test_a_sentence_that_only_a_call_knows_is_refused(tmp_path: Path, call: str) -> None:
    file = script(tmp_path, f"\n{call}\n")
    with pytest.raises(UnreadableSentenceError, match=f"{file}:2: "):
        named_prompts([file])


def test_unknown_ids_and_wrong_slots_are_told(tmp_path: Path) -> None:
    file = script(tmp_path, 'Sentence("no-such")\nSentence("called-price", rate=1)\n')
    assert faults(named_prompts([file]), load("en")) == [
        f"{file}:1: no-such is not in the en catalogue",
        f"{file}:2: called-price has the slots longest, rate, total",
    ]


def test_what_nobody_says_is_listed(tmp_path: Path) -> None:
    left = unused(named_prompts([script(tmp_path, 'Sentence("goodbye")')]), load("en"))
    assert "enter-id" in left
    assert not {"goodbye", *SPOKEN_BY_DIALPLAN, *OFFERS} & set(left)
