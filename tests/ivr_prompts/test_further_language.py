"""A language is a file and needs no code: a small made-up one is loaded, said and spoken."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ivr_prompts import audio, builder
from ivr_prompts.catalogue import Catalogue, load, load_all
from ivr_prompts.saying import (
    Date,
    Digits,
    Duration,
    Money,
    Name,
    Number,
    Rate,
    Sentence,
    TimeOfDay,
    name_clip,
    plan,
    text,
)

NUMBERS = [f"no {n}" for n in range(100)]
TINY = f"""
[language]
code = "zz"
espeak = "eo"

[numbers]
words = {json.dumps(NUMBERS)}
hundreds = {json.dumps([f"cent {n}" for n in range(1, 10)])}
thousand = {{ one = "un mil", many = "mil" }}
million = {{ one = "un milion", many = "milion", link = "da" }}

[numbers.forms.soft]
2 = "mo 2"
300 = "sent 3"

[units]
dollar = {{ one = "un dolar", many = "dolar" }}
cent = {{ one = "un sento", many = "sento" }}
hour = {{ one = "un horo", many = "horo", form = "soft" }}
minute = {{ one = "un minuto", many = "minuto" }}
second = {{ one = "un sekundo", many = "sekundo" }}

[words]
and = "kaj"
point = "komo"
star = "stelo"
pound = "krado"

[date]
order = ["day", "month", "pause", "weekday"]
weekdays = ["lu", "ma", "me", "jo", "ve", "sa", "su"]
months = {json.dumps([f"en {n} monato" for n in range(1, 13)])}
days = {json.dumps([f"tag {n}" for n in range(1, 32)])}

[time]
hours = {json.dumps([f"hor {n}" for n in range(24)])}
minutes = {json.dumps([f"min {n}" for n in range(60)])}

[sentences.greeting]
text = "Salu! Diru {{n:number}}, kaj {{keys:digits}}."

[sentences.bill]
text = "{{cost:money}}, {{rate:rate}}; {{long:duration}}."

[sentences.moment]
text = "{{name:name}}, {{day:date}} je {{at:time}}"
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Catalogue:
    (tmp_path / "zz.toml").write_text(TINY, encoding="utf-8")
    return load_all(tmp_path)["zz"]


def test_it_speaks_by_its_own_grammar(tiny: Catalogue) -> None:
    greeting = Sentence("greeting", n=Number(2_302), keys=Digits("5*"))
    bill = Sentence("bill", cost=Money(200_000_000), rate=Rate(150), long=Duration(302 * 3600))
    moment = Sentence("moment", name=Name("Sam"), day=Date(date(2026, 11, 22)), at=TimeOfDay(16, 0))
    assert text(tiny, greeting) == "Salu! Diru no 2 mil cent 3 no 2, kaj no 5 stelo."
    assert text(tiny, bill) == "no 2 milion da dolar, no 1 komo no 5 sento; sent 3 mo 2 horo."
    assert text(tiny, moment) == "Sam, tag 22 en 11 monato, su je hor 16 min 0"
    named = {*tiny.clips, name_clip("Sam")}
    assert set(plan(tiny, greeting, bill, moment)) <= named


def test_its_sentences_and_names_are_built(
    tiny: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    few = {clip: tiny.clips[clip] for clip in ("greeting-1", "number-7", "day-22", "pause")}
    built = builder.build(replace(tiny, clips=few), tmp_path / "sounds", names=["Sam Sample"])
    assert {file.stem for file in built.folder.iterdir()} == {*few, name_clip("Sam Sample")}
    assert built.folder == tmp_path / "sounds" / "zz"
    for file in built.folder.iterdir():
        assert audio.measure(audio.read(file)).seconds > 0.1


def test_a_word_that_is_left_out_is_not_said(tmp_path: Path) -> None:
    (tmp_path / "zz.toml").write_text(TINY.replace('"min 0"', '""'), encoding="utf-8")
    moment = Sentence("moment", name=Name("Sam"), day=Date(date(2026, 1, 5)), at=TimeOfDay(0, 0))
    assert text(load("zz", tmp_path), moment) == "Sam, tag 5 en 1 monato, lu je hor 0"
