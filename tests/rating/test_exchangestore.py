"""Exchange data goes in as one set or not at all, and prices follow it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from rating import deckstore, exchangestore
from rating.engine import quote
from rating.exchanges import Exchange, ExchangeError
from rating.rules import FEDERAL_ONLY
from store.database import Database
from tests.rating import world
from tests.rating.test_deck import RATE

DATA = Path(__file__).parent / "data"
FILES = [DATA / "local.csv", DATA / "exchanges.csv"]
AT = datetime(2026, 6, 2, 17, tzinfo=UTC)
HEADER = "NPA,NXX,X,State,LATA,RateCenter\n"


def how_far(database: Database, number: str) -> str:
    with database.begin() as connection:
        prices = deckstore.prices(connection)
    return quote(world.FACILITIES[0], number, AT, prices=prices).jurisdiction


def test_what_was_read_comes_back(database: Database) -> None:
    loaded = exchangestore.load(database, FILES, "clerk", AT)
    with database.begin() as connection:
        found = exchangestore.find(connection)
        assert exchangestore.loads(connection) == [
            (loaded.version, AT, "clerk", ["local.csv", "exchanges.csv"])
        ]
    assert vars(found) == vars(loaded)
    assert found.find("5125559123") == Exchange("TX", "558", "KYLE")
    assert found.find("5125550123") == found.find("512555") == Exchange("TX", "558", "AUSTIN")
    assert found.find("7135550123") is None


def test_calls_are_told_apart_from_the_load_on(database: Database) -> None:
    assert how_far(database, "+12145550123") == "intrastate"
    exchangestore.load(database, FILES, "clerk", AT)
    numbers = ("+12145550123", "+15125560123", "+15125559123", "+12125550123")
    told = [how_far(database, number) for number in numbers]
    assert told == ["interlata", "intralata", "local", "interstate"]


def test_the_deck_and_the_exchanges_change_apart(database: Database) -> None:
    def versions() -> tuple[str, str]:
        with database.begin() as connection:
            prices = deckstore.prices(connection)
        return prices.deck.version, prices.exchanges.version

    assert versions() == ("", "")
    one = exchangestore.load(database, FILES, "clerk", AT).version
    assert versions() == ("", one)
    known = {facility.id: facility for facility in world.FACILITIES}
    deck = deckstore.load(database, "w.toml", RATE, known, "clerk", AT).version
    assert versions() == (deck, one)
    other = exchangestore.load(database, FILES[1:], "clerk", AT).version
    assert versions() == (deck, other)
    exchangestore.load(database, FILES, "clerk", AT)  # data of earlier may come back
    assert versions() == (deck, one)


def test_a_book_in_use_asks_nothing_more(database: Database) -> None:
    exchangestore.load(database, FILES, "clerk", AT)
    with database.begin() as connection:
        version = deckstore.prices(connection).exchanges.version
        asked: list[str] = []
        event.listen(connection, "before_cursor_execute", lambda *args: asked.append(args[2]))
        assert deckstore.prices_of(connection, f" {version}").exchanges.version == version
        assert deckstore.prices_of(connection, " ") is FEDERAL_ONLY
    assert asked == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER + "512,557,,TX,558,BUDA\n512,555,,TX,558,AUSTIN\n", ":3: NXX: 512555 is said"),
        (HEADER + "512,557,,TX,558\n", ":2: RateCenter: the line ends before it"),
        (HEADER + "512,557,,TX,558,\xff\n", ":[12]: file: isn't CSV in UTF-8"),
        ("State,From,To\nTX,AUSTIN,AUSTIN\nTX,AUSTIN,NOWHERE\n", ":3: To: no block lies in TX"),
        ("", ":1: NPA: the column is missing"),
    ],
)
def test_nothing_of_a_bad_set_is_stored(
    text: str, message: str, database: Database, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(text, encoding="latin-1")
    with pytest.raises(ExchangeError, match=f"{bad}{message}"):
        exchangestore.load(database, [*FILES, bad], "clerk", AT)
    with database.begin() as connection:
        assert exchangestore.loads(connection) == []


def test_a_set_needs_blocks_and_to_be_another_one(database: Database, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text(HEADER)
    with pytest.raises(ExchangeError, match=":1: NPA: no block of numbers follows"):
        exchangestore.load(database, [empty], "clerk", AT)
    exchangestore.load(database, FILES, "clerk", AT)
    with pytest.raises(ExchangeError, match="is in force already"):
        exchangestore.load(database, FILES[::-1], "clerk", AT)
    with database.begin() as connection, pytest.raises(ExchangeError, match="was ever loaded"):
        exchangestore.find(connection, "exchanges+1")
