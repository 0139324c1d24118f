"""Words to columns: the lists that a re-rate counts by, and rows of text as :class:`Calls`."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import numpy as np

from rating.batch import MEDIA, Calls, Rater
from rating.deck import Deck
from rating.jurisdiction import JURISDICTIONS
from rating.rerate import LINES, Charged
from rating.rules import Book
from rating.taxes import ACCOUNT_TYPES
from rating.terms import CALL_CLASSES, FacilityTerms
from store.npa import area_codes

CHUNK = 100_000
TEXT_CHUNK = 20_000
"""Rows of text take far more memory than rows of the database."""
TEXT = ("call_id", "account_id")
TEXT_BYTES = 40
LONGEST_S = 86_400
"""No call lasts longer than the day that its price is laid out for."""
MOST_CENTS = 100_000_000
WORDS = ("facility", "jurisdiction", "medium", "call_class", "account_type", "tax_state")
COLUMNS = (*TEXT, "start", "seconds", *WORDS, "number", *LINES)
"""The columns of a file of calls: ``start`` is ISO 8601 with an offset, money whole cents."""


class RowError(ValueError):
    """A row can't be re-rated; the message names file, line and field."""


@dataclass(frozen=True)
class Vocabulary:
    """Every word that a row may hold, in the order of the codes."""

    prices: Book
    facilities: Sequence[FacilityTerms]
    states: tuple[str, ...]
    destinations: tuple[str, ...]

    @classmethod
    def of(cls, prices: Book, facilities: Sequence[FacilityTerms]) -> Vocabulary:
        """The words for some facilities: all states, and the deck's destinations."""
        states = sorted({code.state for code in area_codes().values()})
        prefixes = {"", *(t.prefix for t in prices.deck.terminations)}
        return cls(prices, facilities, tuple(states), tuple(sorted(prefixes)))

    def rater(self, first: date, last: date) -> Rater:
        """A rater that counts by these words."""
        return Rater(self.prices, self.facilities, first, last, self.states, self.destinations)

    def lists(self) -> dict[str, Sequence[str]]:
        """The words of each column."""
        return {
            "facility": [one.id for one in self.facilities],
            "jurisdiction": JURISDICTIONS,
            "medium": MEDIA,
            "call_class": CALL_CLASSES,
            "account_type": ACCOUNT_TYPES,
            "tax_state": self.states,
        }


@dataclass(frozen=True)
class Coder:
    """Words to their places on the lists of a :class:`Vocabulary`."""

    places: Mapping[str, Mapping[str, int]]
    destinations: Mapping[str, int]
    deck: Deck

    @classmethod
    def of(cls, words: Vocabulary) -> Coder:
        """The coder for some words."""
        places = {name: _places(of) for name, of in words.lists().items()}
        return cls(places, _places(words.destinations), words.prices.deck)

    def codes(self, place: str, row: Mapping[str, str]) -> list[int]:
        """The codes of a row's :data:`WORDS` and of its destination.

        Raises :class:`RowError`, which names ``place``, for a word that is on no list.
        """
        for name in WORDS:
            if row.get(name) not in self.places[name]:
                raise RowError(f"{place}: {name}: unknown {name} {row.get(name)!r}")
        abroad = row["jurisdiction"] == "international"
        found = self.deck.destination(row["number"].lstrip("+")) if abroad else ""
        return [*(self.places[name][row[name]] for name in WORDS), self.destinations[found]]


def _places(of: Sequence[str]) -> dict[str, int]:
    return {word: n for n, word in enumerate(of)}


def read_csv(path: Path, words: Vocabulary) -> Iterator[Charged]:
    """Chunks of a file with the columns :data:`COLUMNS`. Raises :class:`RowError`."""
    try:
        with path.open(newline="", encoding="utf-8") as text:
            reader = csv.DictReader(text)
            if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
                raise RowError(f"{path}:1: {missing[0]}: the column is missing")
            yield from chunks(((f"{path}:{reader.line_num}", row) for row in reader), words)
    except (UnicodeDecodeError, csv.Error) as error:
        raise RowError(f"{path}:1: file: can't be read as CSV: {error}") from None


def chunks(rows: Iterable[tuple[str, Mapping[str, str]]], words: Vocabulary) -> Iterator[Charged]:
    """Chunks of rows of text, each with the place that an error names."""
    coder = Coder.of(words)
    rest = iter(rows)
    while part := list(islice(rest, TEXT_CHUNK)):
        numbers = [_row(place, row, coder) for place, row in part]
        columns = np.array(numbers, np.int64).T.copy()
        call_id, account_id = (
            np.array([row[name].encode() for _, row in part], f"S{TEXT_BYTES}") for name in TEXT
        )
        yield Charged(
            Calls(*columns[:9]), call_id, account_id, (columns[9], columns[10], columns[11])
        )


def _row(place: str, row: Mapping[str, str], coder: Coder) -> list[int]:
    def read(name: str, how: Callable[[str], int]) -> int:
        try:
            return how(row[name])
        except ValueError as error:
            raise RowError(f"{place}: {name}: {error}") from None

    for name in COLUMNS:
        if row[name] is None:
            raise RowError(f"{place}: {name}: is missing")
        if name in TEXT and len(row[name].encode()) > TEXT_BYTES:
            raise RowError(f"{place}: {name}: is longer than {TEXT_BYTES} bytes")
    start, seconds = read("start", _moment), read("seconds", _up_to(LONGEST_S))
    money = (read(name, _up_to(MOST_CENTS)) for name in LINES)
    return [start, seconds, *coder.codes(place, row), *money]


def _up_to(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not 0 <= (number := int(text)) <= most:
            raise ValueError(f"{text} isn't from 0 to {most}")
        return number

    return read


def _moment(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} needs an offset from UTC")
    return int(moment.timestamp())
