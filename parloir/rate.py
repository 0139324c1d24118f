"""``parloir rate``: what calls cost and why, and the public rates."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from parloir.common import Group, Platform, pass_platform
from parloir.rate_deck import deck
from parloir.rate_exchanges import exchanges
from parloir.rate_prices import all_facilities, one_facility, prices_in_force
from parloir.rate_refunds import refunds
from parloir.rate_rerate import rerate_calls
from parloir.rate_text import explain, quote_json
from rating import publish
from rating.batch import MEDIA, OutsideDays
from rating.caps import CapError, FacilityType, Medium
from rating.deckcheck import DeckRefused
from rating.engine import RELAY_NUMBER, NoRate, charge, quote, quote_kind
from rating.exchanges import ExchangeError
from rating.jurisdiction import JURISDICTIONS, Jurisdiction, NumberError
from rating.jurisdiction import parse as parse_number
from rating.rows import LONGEST_S, RowError
from rating.rules import FEDERAL_ONLY, Book
from rating.taxes import ACCOUNT_TYPES, AccountType
from rating.terms import CallKind, FacilityTerms, Quote
from rating.tomlrows import DeckError
from store.npa import area_codes
from store.types import now

FIRST_YEAR, LAST_YEAR = 1900, 2900
MOST_PEOPLE = 1_000_000
EXPECTED = (
    CapError,
    DeckError,
    DeckRefused,
    ExchangeError,
    NoRate,
    NumberError,
    OutsideDays,
    RowError,
)


class RateGroup(Group):
    """Commands whose errors about rates are one plain line."""

    def invoke(self, context: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(context)
        except EXPECTED as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=RateGroup)
def rate() -> None:
    """What calls cost: quotes, rate decks, exchange data, re-rates, refunds, public rates."""


rate.add_command(deck)
rate.add_command(exchanges)
rate.add_command(rerate_calls)
rate.add_command(refunds)


@rate.command("quote")
@click.option("--facility", "facility_id", help="A facility of this platform, with its deck.")
@click.option("--facility-type", type=click.Choice(["prison", "jail"]))
@click.option("--adp", help="Average daily population, with --facility-type; a jail needs it.")
@click.option("--medium", type=click.Choice(MEDIA), default="audio", show_default=True)
@click.option("--to", "number", help="The called number.")
@click.option("--from-state", help="Two letters, where no --facility is given.")
@click.option("--jurisdiction", "where", type=click.Choice(JURISDICTIONS))
@click.option("--at", "moment", required=True, help="ISO 8601, such as 2026-06-01T18:00-05:00.")
@click.option("--seconds", type=click.IntRange(0, LONGEST_S), required=True)
@click.option("--account-type", type=click.Choice(ACCOUNT_TYPES), default="prepaid_collect")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_platform
def quote_call(
    platform: Platform,
    facility_id: str | None,
    facility_type: FacilityType | None,
    adp: str | None,
    medium: Medium,
    number: str | None,
    from_state: str | None,
    where: Jurisdiction | None,
    moment: str,
    seconds: int,
    account_type: AccountType,
    as_json: bool,
) -> None:
    """Explain what a call of some seconds costs: each line, the cap that bound, its source.

    Without --facility the rate is the federal cap itself, on the date that --at is written with.
    """
    if number and where:
        raise click.UsageError("say --to or --jurisdiction, not both")
    if number and number != RELAY_NUMBER and not (facility_id or from_state):
        raise click.UsageError("say --from-state with --to, or --facility")
    if facility_id:
        facility, prices = one_facility(platform, facility_id), prices_in_force(platform)
    else:
        facility, prices = _made_up(facility_type, adp, from_state), FEDERAL_ONLY
    at = _moment(moment, facility, own_clock=not facility_id)
    terms = _quote(facility, prices, at, number, where, medium, account_type)
    charged = charge(terms, seconds)
    click.echo(json.dumps(quote_json(terms, charged)) if as_json else explain(terms, charged))


@rate.command("publish")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--year", type=int, help="Year of the report's tables; else last year.")
@pass_platform
def publish_rates(platform: Platform, out: Path, year: int | None) -> None:
    """Write the public rates page and the annual report's rate tables."""
    today = now().date()
    known, prices = list(all_facilities(platform).values()), prices_in_force(platform)
    chosen = year or today.year - 1
    out.mkdir(parents=True, exist_ok=True)
    name = platform.settings.provider_name
    page, table = out / "rates.md", out / f"rates-{chosen}.csv"
    page.write_text(publish.page(prices, known, today, name), encoding="utf-8")
    table.write_text(publish.annual_table(prices, known, chosen), encoding="utf-8")
    click.echo(f"{page}\n{table}")


def _quote(
    facility: FacilityTerms,
    prices: Book,
    at: datetime,
    number: str | None,
    where: Jurisdiction | None,
    medium: Medium,
    account_type: AccountType,
) -> Quote:
    if where is not None:
        kind = CallKind(where, medium, "voice", account_type, facility.state)
        return quote_kind(facility, kind, at, prices=prices)
    if number is None:
        raise click.UsageError("say --to NUMBER or --jurisdiction")
    called = number if number == RELAY_NUMBER else parse_number(number)
    return quote(facility, called, at, prices=prices, medium=medium, account_type=account_type)


def _moment(text: str, facility: FacilityTerms, own_clock: bool) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} isn't ISO 8601", param_hint="--at") from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise click.BadParameter(f"{text} is no year of a call", param_hint="--at")
    if own_clock:
        # No facility, no zone: the date that counts is the one that was written.
        return at.replace(tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(facility.timezone))


def _made_up(
    facility_type: FacilityType | None, adp: str | None, state: str | None
) -> FacilityTerms:
    if facility_type is None:
        raise click.UsageError("say --facility ID, or --facility-type with --adp")
    if adp is None and facility_type == "jail":
        raise click.UsageError("a jail's rate depends on its size: say --adp")
    return FacilityTerms("", facility_type, _population(adp or "0"), "UTC", _state(state or ""))


def _population(adp: str) -> Decimal:
    try:
        population = Decimal(adp)
    except InvalidOperation:
        raise click.BadParameter(f"{adp!r} isn't a number", param_hint="--adp") from None
    if not population.is_finite() or not 0 <= population <= MOST_PEOPLE:
        raise click.BadParameter(f"{adp} isn't a number of people", param_hint="--adp")
    return population


def _state(name: str) -> str:
    state = name.upper()
    if state and state not in {code.state for code in area_codes().values()}:
        raise click.BadParameter(f"{name!r} isn't a state", param_hint="--from-state")
    return state
