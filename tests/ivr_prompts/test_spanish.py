"""Spanish as a native says it: by examples, and by a listener with a grammar of its own."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr_prompts import clock, counting
from ivr_prompts.catalogue import load
from ivr_prompts.saying import Date, Digits, Duration, Money, Number, Rate, TimeOfDay

SPANISH = load("es")
HAND = "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"
HAND += " dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés"
HAND += " veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve"
TENS = ("treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")
HUNDREDS = "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos"
HUNDREDS += " ochocientos novecientos"
WORTH = {
    **{word: n for n, word in enumerate(HAND.split())},
    **{word: 10 * n for n, word in enumerate(TENS, 3)},
    **{word: 100 * n for n, word in enumerate(HUNDREDS.split(), 1)},
    **{word[:-2] + "as": 100 * n for n, word in enumerate(HUNDREDS.split(), 1) if n > 1},
    **{"cien": 100, "un": 1, "una": 1, "veintiún": 21, "veintiuna": 21},
}
UNITS = {
    **{"dólar": "dólares", "centavo": "centavos"},
    **{"hora": "horas", "minuto": "minutos", "segundo": "segundos"},
}
SINGULAR = {many: one for one, many in UNITS.items()}


def said(clips: tuple[str, ...]) -> str:
    return " ".join(SPANISH.clips[clip] for clip in clips).replace(" ,", ",")


def heard_number(words: list[str]) -> int:
    """A number as a Spanish ear takes it."""
    total = group = 0
    for word in words:
        if word in ("millón", "millones"):
            assert (word == "millón") == (group == 1 and not total), words
            total, group = (total + group) * 1_000_000, 0
        elif word == "mil":
            assert group != 1, "nobody says un mil"
            total, group = total + (group or 1) * 1000, 0
        elif word not in ("y", "de"):
            group += WORTH[word]
    return total + group


def wrong_before_a_noun(feminine: bool) -> re.Pattern[str]:
    kept = r"\b(uno|veintiuno|un|veintiún|\w+cientos)\b" if feminine else ""
    return re.compile(kept or r"\b(uno|veintiuno|una|veintiuna|\w+cientas)\b")


def heard(words: str) -> dict[str, int]:
    """``{"dólar": 1}``; fails where a noun and its number don't agree."""
    counts: dict[str, int] = {}
    number: list[str] = []
    for word in words.split():
        unit = SINGULAR.get(word, word)
        if unit not in UNITS:
            number += [word]
            continue
        counts[unit] = heard_number(number)
        phrase = " ".join(number)
        assert (word == unit) == (counts[unit] == 1), words
        assert not wrong_before_a_noun(unit == "hora").search(phrase), words
        assert phrase.endswith(" de") == (counts[unit] % 10**6 == 0 < counts[unit]), words
        number = []
    assert not number, words
    return counts


@given(st.integers(0, 99_999_999_900))
@example(2_100_00)
@example(100_100_000_00)
def test_money_is_heard_as_what_it_is(cents: int) -> None:
    counts = heard(said(counting.money(SPANISH, Money(cents))))
    assert counts.get("dólar", 0) * 100 + counts.get("centavo", 0) == cents


@given(st.integers(0, 999_999_999))
@example(21 * 3600)
@example(200_021 * 3600)
def test_time_is_heard_as_what_it_is(seconds: int) -> None:
    counts = heard(said(counting.duration(SPANISH, Duration(seconds))))
    sizes = {"hora": 3600, "minuto": 60, "segundo": 1}
    assert sum(sizes[unit] * count for unit, count in counts.items()) == seconds


@given(st.integers(0, 999_999_999))
@example(21_021_021)
@example(100_100_100)
def test_a_number_is_heard_as_what_it_is(n: int) -> None:
    words = said(counting.number(SPANISH, Number(n)))
    assert heard_number(words.split()) == n
    assert not re.search(r"\bcien (?!mil|millones)\w", words), words
    assert not re.search(r"\bciento( mil| millones|$)", words), words
    assert not re.search(r"uno (mil|millones)", words), words


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (0, "cero centavos"),
        (1, "un centavo"),
        (21, "veintiún centavos"),
        (31, "treinta y un centavos"),
        (100, "un dólar"),
        (101, "un dólar y un centavo"),
        (2_131, "veintiún dólares y treinta y un centavos"),
        (100_00, "cien dólares"),
        (101_00, "ciento un dólares"),
        (200_05, "doscientos dólares y cinco centavos"),
        (1_000_00, "mil dólares"),
        (1_500_00, "mil quinientos dólares"),
        (21_000_00, "veintiún mil dólares"),
        (100_000_00, "cien mil dólares"),
        (1_000_000_00, "un millón de dólares"),
        (2_000_000_00, "dos millones de dólares"),
        (1_000_100_00, "un millón cien dólares"),
    ],
)
def test_money(cents: int, words: str) -> None:
    assert said(counting.money(SPANISH, Money(cents))) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "un segundo"),
        (60, "un minuto"),
        (90, "un minuto y treinta segundos"),
        (900, "quince minutos"),
        (21 * 60, "veintiún minutos"),
        (3660, "una hora y un minuto"),
        (21 * 3600, "veintiuna horas"),
        (31 * 3600, "treinta y una horas"),
        (100 * 3600, "cien horas"),
        (201 * 3600, "doscientas una horas"),
    ],
)
def test_durations(seconds: int, words: str) -> None:
    assert said(counting.duration(SPANISH, Duration(seconds))) == words


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "cero"),
        (21, "veintiuno"),
        (100, "cien"),
        (101, "ciento uno"),
        (121, "ciento veintiuno"),
        (1_001, "mil uno"),
        (21_021, "veintiún mil veintiuno"),
        (1_000_000, "un millón"),
    ],
)
def test_numbers(n: int, words: str) -> None:
    assert said(counting.number(SPANISH, Number(n))) == words


@pytest.mark.parametrize(
    ("e4", "words"),
    [
        (600, "seis centavos"),
        (1250, "doce punto cinco centavos"),
        (2150, "veintiuno punto cinco centavos"),
        (10_000, "un dólar"),
    ],
)
def test_rates(e4: int, words: str) -> None:
    assert said(counting.rate(SPANISH, Rate(e4))) == words


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 22), "domingo, veintidós de noviembre"),
        (date(2027, 1, 1), "viernes, primero de enero"),
        (date(2026, 12, 31), "jueves, treinta y uno de diciembre"),
        (date(2026, 3, 21), "sábado, veintiuno de marzo"),
    ],
)
def test_dates(day: date, words: str) -> None:
    assert said(clock.date(SPANISH, Date(day))) == words


@pytest.mark.parametrize(
    ("hour", "minute", "words"),
    [
        (0, 0, "las doce de la noche"),
        (0, 30, "las doce y media de la noche"),
        (1, 5, "la una y cinco de la madrugada"),
        (5, 0, "las cinco de la mañana"),
        (11, 59, "las once y cincuenta y nueve de la mañana"),
        (12, 0, "las doce del mediodía"),
        (12, 15, "las doce y quince de la tarde"),
        (13, 5, "la una y cinco de la tarde"),
        (16, 30, "las cuatro y media de la tarde"),
        (19, 0, "las siete de la noche"),
        (23, 1, "las once y un minuto de la noche"),
    ],
)
def test_times(hour: int, minute: int, words: str) -> None:
    assert said(clock.time(SPANISH, TimeOfDay(hour, minute))) == words


def test_digits() -> None:
    assert said(counting.digits(SPANISH, Digits("2025550143"))) == (
        "dos cero dos, cinco cinco cinco, cero uno cuatro tres"
    )
    assert said(counting.digits(SPANISH, Digits("*#"))) == "asterisco tecla de número"


def test_people_are_addressed_with_usted() -> None:
    words = " ".join(SPANISH.clips.values()).lower()
    assert not re.search(r"\b(tú|tu|tus|ti|te|marca|oprime|presiona|puedes|quieres)\b", words)
