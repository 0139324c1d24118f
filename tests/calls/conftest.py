"""A running platform for each worker: own Asterisk, own exchange, own AGI server, own database."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf.lines import Phone as Login
from custody import facilities
from custody.lines.phones import Phone, add_phone
from parloir.initialise import create
from parloir.sample import FACILITY
from parloir.stack import Stack
from rating import deckstore
from rating.caps import FacilityType
from rating.terms import FacilityTerms
from store.database import open_database
from store.types import now
from tests.calls import studio
from tests.calls.scene import Scene, Town
from tests.conftest import RUN
from tests.services import fresh_postgres

PHONES = {
    **{"millbrook": 100, "brief": 6, "quiet": 6, "county": 4},
    **{"named": 8, "daily": 4, "free": 4, "reminded": 2, "waived": 4},
}
FACILITIES = (
    FACILITY,
    replace(FACILITY, id="brief", longest_call_seconds=66),
    replace(FACILITY, id="quiet", records=False),
    replace(FACILITY, id="county"),
    replace(FACILITY, id="named", records_name=True),
    replace(FACILITY, id="daily", daily_minutes=1),
    replace(FACILITY, id="free", records=False),
    replace(FACILITY, id="reminded", overlay_seconds=10, longest_call_seconds=26),
    replace(FACILITY, id="waived"),
)
REGISTERED_NUMBER = "2125550190"
LAWYERS = f'registered_number = "{REGISTERED_NUMBER}"\n'
CONTRACT = """
name = "county"
[[rate]]
facility = "county"
medium = "audio"
jurisdiction = "all"
effective_from = 2026-04-06
base = "0.08"
additive = "0.015"
citation = "Contract 1"
[[rate]]
facility = "free"
medium = "audio"
jurisdiction = "all"
effective_from = 2026-04-06
base = "0.00"
citation = "Contract 2"
# When no federal cap was in force on calls within a state: they have no price here.
[[waiver]]
facility = "waived"
waiver_id = "Waiver 1"
caps_as_of = 2024-12-31
effective_from = 2026-04-06
effective_to = 2099-12-31
"""
# Short slices, so that a talk of some seconds is renewed, too; few calls that a carrier bills.
SLICES = """
[call]
first_slice_seconds = 12
slice_seconds = 6
renew_early_seconds = 3
collect_calls_a_day = 2
"""
Cast = Callable[..., Scene]
FAILED: pytest.StashKey[bool] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """The mark of :mod:`tests.calls.refusing`."""
    config.addinivalue_line("markers", "hears(*reasons): these refusals are heard, no others")


@pytest.fixture(scope="session")
def postgres_town(pytestconfig: pytest.Config) -> Iterator[Town]:
    """The platform on PostgreSQL."""
    run = pytestconfig.stash[RUN]
    with fresh_postgres(run) as url, running_town(url, run) as town:
        yield town


@pytest.fixture(scope="session")
def sqlite_town(pytestconfig: pytest.Config) -> Iterator[Town]:
    """The platform on the embedded database."""
    with running_town("", pytestconfig.stash[RUN]) as town:
        yield town


@pytest.fixture
def town(request: pytest.FixtureRequest) -> Town:
    """The platform that the test runs on: PostgreSQL, unless the test asks for SQLite."""
    found: Town = request.getfixturevalue(f"{getattr(request, 'param', 'postgres')}_town")
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember for the fixtures whether the test itself has failed."""
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def cast(request: pytest.FixtureRequest, town: Town, tmp_path: Path) -> Iterator[Cast]:
    """Makes the scenes of a test; afterwards nothing lives and every invariant holds.

    Not asked of a test that has failed: its calls were left in the middle.
    """
    scenes: list[Scene] = []

    def make(**wanted: object) -> Scene:
        scene = town.scene(tmp_path / f"{len(scenes)}", **wanted)  # type: ignore[arg-type]
        scenes.append(scene)
        return scene.__enter__()

    try:
        yield make
        if request.node.stash.get(FAILED, False):
            return
        for scene in scenes:
            scene.record()
        assert not [finding for scene in scenes[:1] for finding in scene.broken()]
        marked = request.node.iter_markers("hears")
        assert {reason for scene in scenes for reason in scene.refusals} == {
            reason for mark in marked for reason in mark.args
        }
    finally:
        for scene in scenes:
            scene.__exit__(None, None, None)


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """A person at a phone, somebody with a telephone and $25.00 for their calls."""
    return cast()


def terms_of(facility: facilities.Facility) -> FacilityTerms:
    """What rating knows of a facility."""
    kind: FacilityType = "jail" if facility.facility_type == "jail" else "prison"
    return FacilityTerms(facility.id, kind, facility.adp, facility.timezone, facility.state)


@contextmanager
def running_town(url: str, run: Path) -> Iterator[Town]:
    """A platform of its own on the database at ``url``; an empty one: the embedded database."""
    recordings = studio.recorded(run)
    directory = Path(tempfile.mkdtemp(prefix="parloir-calls-"))
    settings = create(directory, url)
    file = directory / "parloir.toml"
    written = file.read_text().replace("[asterisk]\n", f"[asterisk]\n{LAWYERS}")
    file.write_text(f'studio_dir = "{recordings}"\n{written}{SLICES}')
    logins = _settled(settings.database_url)
    numbers = [
        Login(f"1{area}5550{line}", "callme") for area in (212, 202) for line in range(100, 200)
    ]
    with Stack(file, numbers) as stack:
        studio.build(stack.settings.asterisk_dir / "sounds", recordings)
        yield Town(stack, logins, numbers)
        stack.remove()


def _settled(url: str) -> dict[str, list[Login]]:
    """Add the facilities with their phones and prices; the phones of each."""
    logins: dict[str, list[Login]] = {}
    database = open_database(url)
    for facility in FACILITIES:
        facilities.add_facility(database, facility, "test")
        ids = [f"{facility.id}-{place}" for place in range(PHONES[facility.id])]
        with database.begin() as connection:
            logins[facility.id] = [
                Login(one, add_phone(connection, Phone(one, facility.id), "test", now()))
                for one in ids
            ]
    known = {facility.id: terms_of(facility) for facility in FACILITIES}
    deckstore.load(database, "county.toml", CONTRACT, known, "test", now())
    database.close()
    return logins
