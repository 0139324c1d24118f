"""``parloir carrier`` and direct bill, as staff type them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from parloir.common import Platform
from parloir.main import main
from store.database import Database
from tests.billing.carriers.talks import (
    LIST,
    NUMBERS,
    account,
    answer,
    balance,
    pack_of,
    talk,
    town,
)
from tests.billing.carriers.test_responses import serials

Shell = Callable[[str], Result]


@pytest.fixture
def shell(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shell]:
    """A shell in an empty directory, with settings for the database."""
    monkeypatch.chdir(tmp_path)
    settings = tmp_path / "parloir.toml"
    settings.write_text(f'database = "{database_url}"\n')
    town(database)
    platform = Platform(settings)

    def run(line: str) -> Result:
        command, *words = line.split()
        return CliRunner().invoke(main.commands[command], words, obj=platform)

    yield run
    platform.database.close()


def test_a_round_with_the_carriers(shell: Shell, database: Database) -> None:
    assert shell("carrier submit --by ortiz").output == "no call is to be billed\n"
    talk(database, "one", NUMBERS[0], 150)
    told = shell("carrier submit --by ortiz").output.splitlines()
    assert told[0] == "pack 1: 1 records, $1.50"
    assert shell("carrier write 1 again.emi").exit_code == 0
    assert Path("again.emi").read_bytes() == Path("pack-00000001.emi").read_bytes()
    back = answer("returned", serials(database)["one"], 150)
    Path("answer.emi").write_bytes(pack_of(1, back))
    told = shell("carrier read answer.emi --by ortiz").output.splitlines()
    assert told[0] == "pack 1: 1 records, $1.50"
    assert told[-1].strip() == f"{NUMBERS[0]} isn't billable any more"
    assert balance(database, account(NUMBERS[0])) == -150
    assert len(shell("carrier list").output.splitlines()) == 2
    refused = shell("carrier read answer.emi --by ortiz")
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert not list(Path().glob("*.part"))
    assert shell("carrier write 1 no/such/place").exit_code == 1


def test_billable_numbers(shell: Shell, database: Database) -> None:
    Path("list.csv").write_bytes(LIST)
    assert shell("carrier numbers import list.csv").output == "1 prefixes taken\n"
    assert "billed by Prairie Bell (0042)" in shell("carrier numbers show 2175550101").output
    shell("carrier numbers mark 2175550101 --note asked")
    assert "not billable" in shell("carrier numbers show 2175550101").output
    assert shell("carrier numbers clear 2175550101").exit_code == 0
    assert shell("carrier numbers show 3305550101").exit_code == 1


def test_a_direct_bill_account(shell: Shell, database: Database) -> None:
    asked = "account open-direct-bill lee --kind attorney --holder Lee --number 3305550188"
    assert "up to $250.00" in shell(asked).output
    assert "there is a direct bill account" in shell(asked.replace("0188", "0189")).output
    assert shell("account raise-limits").output == "0 limits raised\n"
