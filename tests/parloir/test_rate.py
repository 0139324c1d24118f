"""``parloir rate`` as a clerk meets it, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from custody.facilities import Facility, add_facility, set_facility
from parloir.common import Platform
from parloir.facility import facility
from parloir.money import dollars
from parloir.rate import rate
from parloir.rate_prices import all_facilities
from rating.rules import FEDERAL_ONLY
from store.database import Database
from tests.billing.test_refunds import charge_calls
from tests.rating import test_rerate
from tests.rating.test_deck import RATE

DATA = Path(test_rerate.__file__).parent / "data"
EXCHANGES = (DATA / "exchanges.csv", DATA / "local.csv")
FAR = {"+12145550123": "interlata", "+15125560123": "intralata", "+15125559123": "local"}
JUNE = "2026-06-02T12:00:00-05:00"


@pytest.fixture
def platform(database_url: str, tmp_path: Path) -> Iterator[Platform]:
    file = tmp_path / "parloir.toml"
    file.write_text(f'database = "{database_url}"\n')
    one = Platform(file)
    yield one
    one.database.engine.dispose()


def run(platform: Platform, *words: str | Path) -> Result:
    return CliRunner().invoke(rate, [str(word) for word in words], obj=platform)


def add_jail(database: Database) -> None:
    jail = Facility("medium", "Medium", "jail", Decimal(400), "TX", "America/Chicago", 900, True)
    add_facility(database, jail, "test")


def quoted(result: Result) -> dict[str, object]:
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(
    ("words", "total", "tier", "cap"),
    [
        (["--facility-type", "jail", "--adp", "412.5"], "1.50", "medium_jail", "0.10"),
        (["--facility-type", "jail", "--adp", "49.9"], "2.55", "extremely_small_jail", "0.17"),
        (["--facility-type", "prison", "--medium", "video"], "3.45", "prison", "0.23"),
    ],
)
def test_the_cap_itself(words: list[str], total: str, tier: str, cap: str) -> None:
    call = ["--jurisdiction", "interstate", "--at", JUNE, "--seconds", "900", "--json"]
    found = quoted(run(Platform(None), "quote", *words, *call))
    assert (found["total"], found["tier"], found["cap_per_minute"]) == (total, tier, cap)
    assert (found["base"], found["additive"], found["taxes"]) == (total, "0.00", [])
    assert (found["seconds"], found["jurisdiction"]) == (900, "interstate")
    assert "90 FR 56013" in str(found["rule"])


def test_by_number_and_state() -> None:
    words = ["--facility-type", "jail", "--adp", "100", "--at", JUNE, "--seconds", "60", "--json"]
    number = ["--to", "(512) 555-0123", "--from-state"]
    assert quoted(run(Platform(None), "quote", *words, *number, "tx"))["jurisdiction"] == (
        "intrastate"
    )
    assert quoted(run(Platform(None), "quote", *words, *number, "OH"))["jurisdiction"] == (
        "interstate"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--jurisdiction", "intrastate", "--at", "2025-08-01T00:00Z"], "no federal cap in force"),
        (["--jurisdiction", "interstate", "--at", "2014-02-10T23:59:59"], "before 2014-02-11"),
        (["--jurisdiction", "interstate", "--at", "tomorrow"], "isn't ISO 8601"),
        (["--jurisdiction", "interstate", "--at", "9999-12-31"], "is no year of a call"),
        (["--to", "nobody", "--from-state", "TX", "--at", JUNE], "isn't a telephone number"),
        (["--to", "+19995550123", "--from-state", "TX", "--at", JUNE], "has no known area code"),
        (["--at", JUNE], "say --to NUMBER"),
        (["--to", "+12125550123", "--at", JUNE], "say --from-state"),
        (["--to", "+12125550123", "--from-state", "ZZ", "--at", JUNE], "'ZZ' isn't a state"),
        (["--to", "711", "--jurisdiction", "local", "--at", JUNE], "not both"),
        (["--facility-type", "jail", "--jurisdiction", "local", "--at", JUNE], "say --adp"),
        (["--adp", "1e400", "--jurisdiction", "local", "--at", JUNE], "isn't a number of people"),
        (["--seconds", "86401", "--jurisdiction", "local", "--at", JUNE], "0<=x<=86400"),
    ],
)
def test_one_clear_refusal_each(words: list[str], message: str) -> None:
    start = ["quote", "--facility-type", "prison", "--seconds", "60"]
    result = run(Platform(None), *start, *words)
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output


def test_an_unknown_facility(platform: Platform, database: Database) -> None:
    result = run(platform, "quote", "--facility", "x", "--at", JUNE, "--seconds", "1")
    assert (result.exit_code, "unknown facility 'x'" in result.output) == (1, True)


def test_a_decks_way(platform: Platform, database: Database, tmp_path: Path) -> None:
    """Checked, refused, mended, loaded, compared, shown; and the quote follows it."""
    add_jail(database)
    deck, dear = tmp_path / "deck.toml", tmp_path / "dear.toml"
    deck.write_text(RATE)
    dear.write_text(RATE.replace("0.08", "0.12"))
    assert (
        "15 minutes would cost $1.80, at most $1.50" in run(platform, "deck", "load", dear).output
    )
    assert "no deck is loaded" in run(platform, "deck", "show").output
    assert run(platform, "deck", "check", deck).exit_code == 0
    assert "is in force" in run(platform, "deck", "load", deck).output
    assert "was loaded before" in run(platform, "deck", "load", deck).output
    shown = run(platform, "deck", "show").output
    assert RATE in shown
    version = shown.rpartition("# ")[2].split()[0]
    assert '-base = "0.08"\n+base = "0.12"' in run(platform, "deck", "diff", version, dear).output
    call = ["--facility", "medium", "--to", "+15125550123", "--at", JUNE, "--seconds", "900"]
    found = quoted(run(platform, "quote", *call, "--json"))
    assert (found["base"], found["deck"]) == ("1.20", version)
    assert "contract rate, Contract 17" in run(platform, "quote", *call).output


def test_a_refund_run(platform: Platform, database: Database, tmp_path: Path) -> None:
    """Proposed, looked at, posted once."""
    facility = test_rerate.jail(database)
    charge_calls(database, test_rerate.write_calls(database, facility, FEDERAL_ONLY))
    deck = tmp_path / "deck.toml"
    deck.write_text(RATE.replace("0.08", "0.05"))
    days = ["--from", "2026-06-01", "--to", "2026-06-30"]
    assert "no refunds are proposed" in run(platform, "refunds", "list").output
    why = ["--run", "june", "--reason", "Contract 17 was loaded late"]
    result = run(platform, "refunds", "propose", *days, "--deck", deck, *why)
    assert result.exit_code == 0, result.output
    listed = run(platform, "refunds", "list", "june", "--json").stdout.splitlines()
    back = sum(json.loads(line)["cents"] for line in listed)
    assert f"june  proposed  {dollars(back)} to 2 accounts for {len(listed)} calls" in result.output
    for _ in range(2):
        posted = run(platform, "refunds", "post", "june", "--by", "Robin")
        assert f"june  posted  {dollars(back)} to 2 accounts" in posted.output
    line = run(platform, "refunds", "list", "june").stdout.splitlines()[0]
    assert "posted: Contract 17 was loaded late" in line
    assert "no refunds" in run(platform, "refunds", "post", "never").output


def test_a_rerate_refuses_in_one_line(
    platform: Platform, database: Database, tmp_path: Path
) -> None:
    add_jail(database)
    path = tmp_path / "calls.csv"
    days = ["--from", "2026-06-01", "--to", "2026-06-30"]
    test_rerate.write_csv(path, [{**test_rerate.ROW, "start": "2027-06-02T12:00:00Z"}])
    result = run(platform, "rerate", *days, "--csv", path)
    assert "a call of 2027-06-02 12:00:00 UTC lies outside" in result.stderr
    assert "Traceback" not in result.output
    turned = ["--from", "2026-06-30", "--to", "2026-06-01"]
    assert "--to lies before --from" in run(platform, "rerate", *turned).output


@pytest.mark.parametrize("name", ["", "x" * 41])
def test_the_name_of_a_run(name: str) -> None:
    days = ["--from", "2026-06-01", "--to", "2026-06-30"]
    result = run(Platform(None), "rerate", *days, "--run", name)
    assert (result.exit_code, "1 to 40 characters" in result.output) == (2, True)


def test_what_is_public(platform: Platform, database: Database, tmp_path: Path) -> None:
    add_jail(database)
    deck = tmp_path / "deck.toml"
    deck.write_text(RATE)
    assert run(platform, "deck", "load", deck).exit_code == 0
    result = run(platform, "publish", "--out", tmp_path / "out", "--year", "2026")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "out" / "rates.md").read_text()
    assert "| medium | audio | intrastate | at all times | 0.08 | 0.00 |" in page
    table = (tmp_path / "out" / "rates-2026.csv").read_text().splitlines()
    year = [
        line for line in table if line.startswith("medium,jail,400.00,") and "intrastate" in line
    ]
    spans = [line.split(",")[6:8] for line in year if ",audio," in line]
    assert spans == [["2026-01-01", "2026-04-05"], ["2026-04-06", str(date(2026, 12, 31))]]
    assert "not offered" in year[0]


def test_the_way_of_exchange_data(platform: Platform, database: Database, tmp_path: Path) -> None:
    """Nothing loaded, refused, loaded, shown; and the quote follows it."""
    add_jail(database)
    set_facility(database, "medium", {"exchange": "512555"}, "test", "")
    call = ["--facility", "medium", "--at", JUNE, "--seconds", "900", "--json", "--to"]
    assert quoted(run(platform, "quote", *call, "+12145550123"))["jurisdiction"] == "intrastate"
    assert "no exchange data is loaded" in run(platform, "exchanges", "show").output
    bad = tmp_path / "bad.csv"
    bad.write_text("NPA,NXX,X,State,LATA,RateCenter\n112,555,,TX,558,AUSTIN\n")
    refused = run(platform, "exchanges", "load", *EXCHANGES, bad)
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert f"{bad}:2: NPA: '112'" in refused.output
    loaded = run(platform, "exchanges", "load", *EXCHANGES).output
    assert "4 blocks, 4 rate centers, 2 LATAs, 1 local pairs" in loaded
    shown = run(platform, "exchanges", "show").output
    assert loaded.split()[0] in shown
    assert "exchanges.csv, local.csv" in shown
    far = {number: quoted(run(platform, "quote", *call, number)) for number in FAR}
    assert {number: quote["jurisdiction"] for number, quote in far.items()} == FAR
    assert {quote["exchanges"] for quote in far.values()} == {loaded.split()[0]}


def test_a_rerate_of_parquet(platform: Platform, database: Database, tmp_path: Path) -> None:
    add_jail(database)
    path = tmp_path / "calls.parquet"
    pq.write_table(pa.Table.from_pylist([test_rerate.ROW]), path)
    days = ["--from", "2026-06-01", "--to", "2026-06-30"]
    result = run(platform, "rerate", *days, "--parquet", path)
    assert (result.exit_code, "calls        1" in result.output) == (0, True)
    both = run(platform, "rerate", *days, "--parquet", path, "--csv", path)
    assert "not both" in both.output


def test_where_a_facility_lies(platform: Platform, database: Database) -> None:
    def move(*words: str) -> Result:
        return CliRunner().invoke(facility, ["exchange", *words], obj=platform)

    add_jail(database)
    assert "medium lies in 512555" in move("medium", "512555").output
    assert all_facilities(platform)["medium"].exchange == "512555"
    assert "'112555': an exchange is NPA and NXX" in move("medium", "112555").output
    assert "there is no facility 'nowhere'" in move("nowhere", "512555").output
