"""A plainly fictitious jail to try the platform on."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal

from accounts import prepaid
from asterisk_conf.lines import Phone
from custody import facilities, places
from custody.lines import phones
from store.database import Database, open_database
from store.settings import Settings
from store.types import now

FACILITY = facilities.Facility(
    id="millbrook",
    name="Millbrook County Jail",
    facility_type="jail",
    adp=Decimal(212),
    state="OH",
    timezone="America/New_York",
    longest_call_seconds=900,
    records=True,
)
PHONE = "millbrook-1"
PERSON, PERSON_NAME, PIN = "100234", "Alex Rivers", "4821"
ACCOUNT, HOLDER, NUMBER = "AC-1001", "Sam Rivers", "+12025550143"
DEPOSIT_CENTS = 2500


@dataclass(frozen=True)
class Sample:
    """What is needed to call with the sample: the two telephones."""

    caller: Phone
    called: Phone


def load_sample(settings: Settings) -> Sample:
    """Load the fictitious jail, where it isn't there yet."""
    with closing(open_database(settings.database_url)) as database:
        return _load(settings, database)


def _load(settings: Settings, database: Database) -> Sample:
    with database.begin() as connection:
        known = {row.id: row.sip_password for row in phones.phones_of(connection) if row.active}
    if PHONE not in known:
        facilities.add_facility(database, FACILITY, "sample")
        new = phones.Phone(PHONE, FACILITY.id)
        with database.begin() as connection:
            known[PHONE] = phones.add_phone(connection, new, "sample", now())
        key = settings.pin_key_file.read_bytes()
        places.add_person(database, key, PERSON, FACILITY.id, PERSON_NAME, PIN, "sample")
        prepaid.open_account(database, ACCOUNT, HOLDER, [NUMBER])
        with database.begin() as connection:
            prepaid.deposit(connection, ACCOUNT, DEPOSIT_CENTS, "sample", "sample")
    return Sample(Phone(PHONE, known[PHONE]), Phone(NUMBER.removeprefix("+"), "callme"))
