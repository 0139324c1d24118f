"""Where calls lie, and the files that say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rating.exchangefile import read
from rating.exchanges import NONE_LOADED, ExchangeError, Exchanges
from rating.jurisdiction import NumberError, destination, jurisdiction, parse

DATA = Path(__file__).parent / "data"
HEADER = "NPA,NXX,X,State,LATA,RateCenter\n"


@pytest.fixture(scope="module")
def exchanges() -> Exchanges:
    return read([DATA / "exchanges.csv", DATA / "local.csv"])


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+15125550123", "local"),
        ("+15125559123", "local"),  # the thousands block lies in a town that is called locally
        ("+15125560123", "intralata"),
        ("+12145550123", "interlata"),
        ("+17135550123", "intrastate"),  # no LATA known
        ("+12125550123", "interstate"),
        ("+17875550123", "interstate"),  # Puerto Rico
        ("+13405550123", "interstate"),  # US Virgin Islands
        ("+18765550123", "international"),  # Jamaica
        ("+14165550123", "international"),  # Canada
        ("+525512345678", "international"),
    ],
)
def test_by_the_two_ends(number: str, expected: str, exchanges: Exchanges) -> None:
    assert jurisdiction("TX", destination(number), "512555", exchanges) == expected


def test_without_exchange_data_a_call_within_the_state_is_intrastate() -> None:
    called = destination("+15125550123")
    assert jurisdiction("TX", called, "512555", NONE_LOADED) == "intrastate"


@pytest.mark.parametrize("npa", ["624", "436", "621", "357", "729", "457", "679", "471", "924"])
def test_recent_overlays_are_known(npa: str) -> None:
    assert destination(f"+1{npa}5550123").state


def test_what_people_type() -> None:
    assert parse("(512) 555-0123") == "+15125550123"
    assert parse("+52 55 1234 5678") == "+525512345678"
    with pytest.raises(NumberError):
        parse("no number")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("NPA,NXX\n", ":1: X: the column is missing"),
        (HEADER + "112,555,,TX,558,AUSTIN\n", ":2: NPA: '112' isn't three digits from 200"),
        (HEADER + "512,055,,TX,558,AUSTIN\n", ":2: NXX: '055' isn't three digits"),
        (HEADER + "512,555,a,TX,558,AUSTIN\n", ":2: X: 'a' isn't a digit"),
        (HEADER + "512,555,,TX,,AUSTIN\n", ":2: LATA"),
        (HEADER + "512,555,,TX,558,A\n" * 2, ":3: NXX: 512555 is said for the second time"),
    ],
)
def test_a_bad_file_says_where(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(ExchangeError, match=message):
        read([tmp_path / "x.csv"])
