"""Saying money, rates, times and digits: read back by an independent listener."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr_prompts.catalogue import Catalogue, load, load_all
from ivr_prompts.saying import (
    Date,
    Digits,
    Duration,
    Money,
    Name,
    Number,
    Rate,
    Recording,
    SayingError,
    Sentence,
    TimeOfDay,
    Value,
    name_clip,
    offer,
    plan,
    spoken_name,
    text,
)
from ivr_prompts.template import KINDS, Slot, Template

ENGLISH = load("en")
HAND = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
HAND += " fifteen sixteen seventeen eighteen nineteen"
SMALL = {word: n for n, word in enumerate(HAND.split())}
TENS = {
    word: 10 * n
    for n, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
CENTS = st.integers(0, 100_000_000)


def words_of(value: Value, kind: str) -> str:
    """The words of the clips that are played for a value, looked up clip by clip."""
    parts = (Slot("it", kind),)
    said = {"only": Template("only", parts, "")}
    one = type(ENGLISH)(**{**vars(ENGLISH), "sentences": said})
    return " ".join(ENGLISH.clips[clip] for clip in plan(one, Sentence("only", it=value)))


def heard_number(words: str) -> int:
    """A number as an English ear takes it: an own grammar, knows nothing of clips."""
    total = group = 0
    for word in words.replace("-", " ").split():
        if word == "hundred":
            group *= 100
        elif word in ("thousand", "million"):
            total, group = total + group * {"thousand": 1000, "million": 10**6}[word], 0
        else:
            group += SMALL[word] if word in SMALL else TENS[word]
    return total + group


def heard_counts(words: str, units: tuple[str, ...]) -> dict[str, int]:
    """``{"dollar": 1, "cent": 5}``; fails unless one is singular, all others plural."""
    counts: dict[str, int] = {}
    number: list[str] = []
    for word in words.split():
        unit = word.removesuffix("s")
        if unit in units:
            count = heard_number(" ".join(number))
            assert (word == unit) == (count == 1), words
            assert unit not in counts, words
            counts[unit], number = count, []
        elif word != "and":
            number.append(word)
    assert not number, words
    assert list(counts) == [unit for unit in units if unit in counts], words
    return counts


@given(CENTS)
@example(0)
@example(100)
@example(101)
@example(100_000_000)
def test_money_is_heard_as_what_it_is(cents: int) -> None:
    heard = heard_counts(words_of(Money(cents), "money"), ("dollar", "cent"))
    assert heard.get("dollar", 0) * 100 + heard.get("cent", 0) == cents
    assert 0 not in heard.values() or cents == 0


@given(st.integers(0, 366 * 86400))
@example(0)
@example(3661)
def test_time_is_heard_as_what_it_is(seconds: int) -> None:
    said = words_of(Duration(seconds), "duration")
    heard = heard_counts(said, ("hour", "minute", "second"))
    sizes = {"hour": 3600, "minute": 60, "second": 1}
    assert sum(sizes[unit] * count for unit, count in heard.items()) == seconds
    assert said.split().count("and") == (len(heard) > 1)
    assert 0 not in heard.values() or seconds == 0


@given(st.integers(0, 2_000_000))
@example(100)
@example(1250)
@example(1205)
@example(50)
def test_a_rate_is_heard_as_what_it_is(e4: int) -> None:
    said = words_of(Rate(e4), "rate")
    if "point" in said:
        whole, decimals = said.removesuffix(" cents").split(" point ")
        places = "".join(str(SMALL[word]) for word in decimals.split())
        assert not places.endswith("0")
        assert heard_number(whole) * 100 + int(places.ljust(2, "0")) == e4
    else:
        heard = heard_counts(said, ("dollar", "cent"))
        assert heard.get("dollar", 0) * 10_000 + heard.get("cent", 0) * 100 == e4


@given(st.integers(0, 999_999_999))
def test_a_number_is_heard_as_what_it_is(n: int) -> None:
    assert heard_number(words_of(Number(n), "number")) == n


@given(st.text("0123456789*#", min_size=1, max_size=20))
@example("2025550143")
def test_digits_are_heard_one_by_one_in_groups(keys: str) -> None:
    heard = {**{word: str(n) for word, n in SMALL.items()}, "star": "*", "pound": "#"}
    said = words_of(Digits(keys), "digits").split()
    assert "".join(heard[word] for word in said if word != ",") == keys
    if len(keys) == 10:
        sizes = [len(list(run)) for gap, run in groupby(said, lambda word: word == ",") if not gap]
        assert sizes == [3, 3, 4]


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (Money(0), "money", "zero cents"),
        (Money(1), "money", "one cent"),
        (Money(100), "money", "one dollar"),
        (Money(200), "money", "two dollars"),
        (Money(105), "money", "one dollar and five cents"),
        (Money(123_456_78), "money", "one hundred twenty-three thousand four hundred fifty-six "
         "dollars and seventy-eight cents"),
        (Rate(1200), "rate", "twelve cents"),
        (Rate(1250), "rate", "twelve point five cents"),
        (Rate(100), "rate", "one cent"),
        (Rate(10_000), "rate", "one dollar"),
        (Duration(900), "duration", "fifteen minutes"),
        (Duration(90), "duration", "one minute and thirty seconds"),
        (Duration(3600), "duration", "one hour"),
        (Number(1_000_001), "number", "one million one"),
        (Money(100_000_000), "money", "one million dollars"),
        (Date(date(2026, 11, 22)), "date", "Sunday , November twenty-second"),
        (Date(date(2027, 1, 1)), "date", "Friday , January first"),
        (TimeOfDay(16, 30), "time", "four thirty P M"),
        (TimeOfDay(16, 5), "time", "four oh five P M"),
        (TimeOfDay(9, 0), "time", "nine A M"),
        (TimeOfDay(0, 0), "time", "twelve midnight"),
        (TimeOfDay(12, 0), "time", "twelve noon"),
        (TimeOfDay(0, 10), "time", "twelve ten A M"),
        (TimeOfDay(12, 59), "time", "twelve fifty-nine P M"),
    ],
)  # fmt: skip
def test_examples(value: Value, kind: str, said: str) -> None:
    assert words_of(value, kind) == said


RECORDED = Recording("p1-c2")
SAYABLE: dict[str, st.SearchStrategy[Value]] = {
    "date": st.builds(Date, st.dates()),
    "digits": st.builds(Digits, st.text("0123456789*#", min_size=1, max_size=20)),
    "duration": st.builds(Duration, st.integers(0, 999_999_999)),
    "money": st.builds(Money, st.integers(0, 99_999_999_900)),
    "name": st.sampled_from([Sentence("a-person-in-custody"), RECORDED]),
    "number": st.builds(Number, st.integers(0, 999_999_999)),
    "rate": st.builds(Rate, st.integers(0, 999_999_999)),
    "time": st.builds(TimeOfDay, st.integers(0, 23), st.integers(0, 59)),
}


@pytest.mark.parametrize("catalogue", load_all().values(), ids=lambda one: one.language)
@given(data=st.data())
def test_every_sentence_can_be_said_with_clips_that_exist(
    catalogue: Catalogue, data: st.DataObject
) -> None:
    assert SAYABLE.keys() == KINDS
    template = data.draw(st.sampled_from(list(catalogue.sentences.values())))
    slots = {slot: data.draw(SAYABLE[kind]) for slot, kind in template.slots.items()}
    sentence = Sentence(template.id, **slots)
    clips = plan(catalogue, sentence)
    assert clips
    assert set(clips) <= {*catalogue.clips, RECORDED.path}
    assert len("&".join(f"sounds/en/{clip}" for clip in clips)) < 1500
    assert "{" not in text(catalogue, sentence)


def test_a_sentence_in_words() -> None:
    named = Sentence(
        "called-intro",
        provider=Name("Parloir"),
        caller=Sentence("a-person-in-custody"),
        facility=Name("Sample County Jail"),
    )
    number = Sentence("confirm-number", number=Digits("2025550143"))
    assert text(ENGLISH, named) == (
        "This is Parloir, with a call from a person in custody, at Sample County Jail."
    )
    assert text(ENGLISH, number).startswith(
        "You entered two zero two, five five five, zero one four three. To call this number"
    )
    assert plan(ENGLISH, Sentence("sorry"), Sentence("goodbye")) == ("sorry", "goodbye")


@pytest.mark.parametrize(
    ("sentence", "complaint"),
    [
        (Sentence("no-such"), "no sentence 'no-such'"),
        (Sentence("called-price"), "its slots are rate, longest"),
        (Sentence("sorry", n=Number(1)), "its slots are none"),
        (Sentence("under-a-minute", left=Money(5)), "slot left wants duration, not money"),
        (Sentence("under-a-minute", left=Sentence("sorry")), "wants duration, not name"),
    ],
)
def test_a_mistaken_sentence_is_refused(sentence: Sentence, complaint: str) -> None:
    with pytest.raises(SayingError, match=complaint):
        plan(ENGLISH, sentence)
    with pytest.raises(SayingError, match=complaint):
        text(ENGLISH, sentence)


@given(st.integers(max_value=-1))
def test_nothing_below_zero_is_said(n: int) -> None:
    for kind in (Money, Rate, Duration, Number):
        with pytest.raises(ValueError, match="can't say"):
            kind(n)


@pytest.mark.parametrize("keys", ["", "12a", "1 2", "1\n", '1"', "1" * 10_000, "²"])
def test_digits_that_are_none_are_refused(keys: str) -> None:
    with pytest.raises(ValueError, match="can't say"):
        Digits(keys)


@given(st.text(max_size=200))
@example('Bobby "Tables"\nVERBOSE "x"')
@example("[[ raw ]] <audio src='x'/>")
def test_any_name_is_refused_or_made_harmless(written: str) -> None:
    try:
        name = Name(written)
    except ValueError:
        assert len(" ".join(written.split())) > 70 or not any(map(str.isalnum, written))
        return
    assert not set(name.text) & set("\n\r\t\0[]<>{}|\\")
    assert name == Name(name.text)
    assert name_clip(written) == name_clip(name.text)
    assert name_clip(written).removeprefix("name-").isalnum()


def test_ten_thousand_letters_are_no_name() -> None:
    with pytest.raises(ValueError, match="can't say the name"):
        Name("a" * 10_000)


def test_a_name_without_a_clip_is_replaced(tmp_path: Path) -> None:
    instead = Sentence("a-person-in-custody")
    assert spoken_name("Sample Person", tmp_path, instead) == instead
    assert spoken_name("", tmp_path, instead) == instead
    (tmp_path / f"{name_clip('Sample Person')}.wav").touch()
    assert spoken_name("Sample  Person", tmp_path, instead) == Name("Sample Person")


def test_a_recorded_name_is_the_same_file_in_every_language() -> None:
    sentence = Sentence("name-check", name=Recording("person-7"))
    for catalogue in load_all().values():
        assert plan(catalogue, sentence)[1] == "names/person-7"
        assert "(a recorded name)" in text(catalogue, sentence)


@pytest.mark.parametrize("clip", ["", "../en/sorry", "a/b", "a.wav", "-a", "a&b", "a" * 101, "a\n"])
def test_a_recorded_name_is_no_way_out_of_its_folder(clip: str) -> None:
    with pytest.raises(ValueError, match="can't be a recorded name's file"):
        Recording(clip)


@pytest.mark.parametrize(("hour", "minute"), [(24, 0), (-1, 0), (0, 60), (0, -1)])
def test_no_clock_shows_that(hour: int, minute: int) -> None:
    with pytest.raises(ValueError, match="can't say the"):
        TimeOfDay(hour, minute)


def test_a_language_is_offered_in_itself() -> None:
    assert offer(ENGLISH, "language-offer") == "en/language-offer"
    assert offer(load("es"), "language-offer-pound") == "es/language-offer-pound"
    with pytest.raises(SayingError):
        offer(ENGLISH, "no-such")
    with pytest.raises(SayingError):
        offer(ENGLISH, "balance")
