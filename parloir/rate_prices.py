"""What every ``parloir rate`` command needs: facilities, decks, the price book in force."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from parloir.common import Platform
from rating import deckfile, deckstore
from rating.deck import Deck
from rating.rules import Book
from rating.terms import FacilityTerms
from store.tables import facilities

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def all_facilities(platform: Platform) -> dict[str, FacilityTerms]:
    """Every facility by its id."""
    columns = ("id", "facility_type", "adp", "timezone", "state", "exchange")
    query = select(*(facilities.c[name] for name in columns)).order_by(facilities.c.id)
    with platform.database.begin() as connection:
        return {row.id: FacilityTerms(*row) for row in connection.execute(query)}


def one_facility(platform: Platform, facility_id: str) -> FacilityTerms:
    """One facility, or a plain refusal."""
    known = all_facilities(platform)
    if facility_id not in known:
        raise click.ClickException(
            f"unknown facility {facility_id!r} (known: {', '.join(known) or 'none'})"
        )
    return known[facility_id]


def prices_in_force(platform: Platform) -> Book:
    """The prices of the newest deck and the newest exchange data."""
    with platform.database.begin() as connection:
        return deckstore.prices(connection)


def named_deck(platform: Platform, name: str) -> Deck:
    """A deck by its file, or by the version under which it was loaded."""
    if Path(name).is_file():
        return deckfile.parse(name, deckfile.read_text(Path(name)))
    with platform.database.begin() as connection:
        return deckstore.find(connection, name)
