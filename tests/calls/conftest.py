"""A running platform for each worker: own Asterisk, own exchange, own AGI server, own database."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf.lines import Phone as Login
from custody import places
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
    **{"millbrook": 100, "brief": 6, "quiet": 4, "county": 4},
    **{"named": 8, "daily": 4, "free": 4, "reminded": 2},
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
"""
# Short slices, so that a talk of some seconds is renewed, too.
SLICES = """
[call]
first_slice_seconds = 12
slice_seconds = 6
renew_early_seconds = 3
"""
Cast = Callable[..., Scene]
FAILED: pytest.StashKey[bool] = pytest.StashKey()


@pytest.fixture(scope="session")
def postgres_town(pytestconfig: pytest.Config) -> Iterator[Town]:
    """The platform on PostgreSQL."""
    with fresh_postgres(pytestconfig.stash[RUN]) as url:
        yield from _town(url, studio.recorded(pytestconfig.stash[RUN]))


@pytest.fixture(scope="session")
def sqlite_town(pytestconfig: pytest.Config) -> Iterator[Town]:
    """The platform on the embedded database."""
    yield from _town("", studio.recorded(pytestconfig.stash[RUN]))


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
    finally:
        for scene in scenes:
            scene.__exit__(None, None, None)


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """A person at a phone, somebody with a telephone and $25.00 for their calls."""
    return cast()


def terms_of(facility: places.Facility) -> FacilityTerms:
    """What rating knows of a facility."""
    kind: FacilityType = "jail" if facility.facility_type == "jail" else "prison"
    return FacilityTerms(facility.id, kind, facility.adp, facility.timezone, facility.state)


def _town(url: str, recordings: Path) -> Iterator[Town]:
    directory = Path(tempfile.mkdtemp(prefix="parloir-calls-"))
    settings = create(directory, url)
    file = directory / "parloir.toml"
    written = file.read_text().replace("[asterisk]\n", f"[asterisk]\n{LAWYERS}")
    file.write_text(f'studio_dir = "{recordings}"\n{written}{SLICES}')
    database = open_database(settings.database_url)
    logins: dict[str, list[Login]] = {}
    for facility in FACILITIES:
        places.add_facility(database, facility)
        ids = [f"{facility.id}-{place}" for place in range(PHONES[facility.id])]
        logins[facility.id] = [
            Login(one, places.add_phone(database, one, facility.id)) for one in ids
        ]
    numbers = [
        Login(f"1{area}5550{line}", "callme") for area in (212, 202) for line in range(100, 200)
    ]
    known = {facility.id: terms_of(facility) for facility in FACILITIES}
    deckstore.load(database, "county.toml", CONTRACT, known, "test", now())
    database.close()
    with Stack(file, numbers) as stack:
        studio.build(stack.settings.asterisk_dir / "sounds", recordings)
        yield Town(stack, logins, numbers)
        stack.remove()
