"""Ways through the scripts that together send every command there is."""

from __future__ import annotations

from accounts import debit
from accounts.ledger import LedgerError
from custody.pins import pin_hash
from store.tables import blocked_numbers, credit_requests, facilities, persons
from tests.builders import DIALLED, KEY, PERSON, PIN, pay_in
from tests.replay.happening import Act, Happening, Outcome
from tests.replay.person import Respond, answering
from tests.replay.stage import MENU, STRAIGHT, Stage

NEW_PIN = "7351"
OWN = "own"


def way(name: str) -> tuple[Respond, Respond, Happening]:
    """People remember what they have answered, so they are made anew."""
    detours = {**STRAIGHT, "enter-id": "w 999# 100001#", "enter-number": "w 4# 2125550101#"}
    detours["confirm-number-1"] = "2 8 w 1"
    asks = {**STRAIGHT, "enter-number": f"*# {DIALLED}#", "more-balance": "1 2 0"}
    blocks = {MENU: "7", "called-block": "1", "called-block-person-confirm": "1"}
    accepts = {MENU: "1"}
    caller, called, how = {
        "straight": (STRAIGHT, accepts, Happening()),
        "detours": (detours, {MENU: "2 0 8 w 5"}, Happening()),
        "refused": ({**STRAIGHT, "enter-number": "911#"}, {}, Happening()),
        "unknown": ({}, {}, Happening()),
        "declined": (STRAIGHT, {MENU: "3"}, Happening()),
        "silent": (STRAIGHT, {}, Happening()),
        "busy": (STRAIGHT, {}, Happening(dial="BUSY")),
        "spanish": (
            {"enter-id": "9#", **{f"es/{sound}": keys for sound, keys in STRAIGHT.items()}},
            {MENU: "9", f"es/{MENU}": "1"},
            Happening(),
        ),
        "first use": (
            {**STRAIGHT, "pin-choose": f"{NEW_PIN}#", "pin-repeat": f"{NEW_PIN}#"},
            accepts,
            Happening(),
        ),
        "name": ({**STRAIGHT, "name-check-1": "2 1"}, accepts, Happening()),
        "own money": ({**STRAIGHT, "how-to-pay-1": "2"}, {MENU: "2 1"}, Happening()),
        "more": ({**asks, "credit-offer-1": "1"}, accepts, Happening()),
        "again": ({**STRAIGHT, "next-call": "1 w"}, {MENU: "3 1"}, Happening()),
        "another": (
            {**STRAIGHT, "enter-number": f"911# {DIALLED}#", "next-call-other": "2"},
            accepts,
            Happening(),
        ),
        "block": (STRAIGHT, {**blocks, "called-blocked": "1"}, Happening()),
        "fax": (STRAIGHT, {}, Happening(fax=1)),
    }[name]
    return answering(caller), answering(called), how


def walk(stage: Stage, name: str, at: dict[tuple[str, int], Act]) -> Outcome:
    """Go this way, with something that happens at certain commands."""
    prepare(stage, name)
    caller, called, how = way(name)
    how.at = at
    return stage.replay(caller, called, how)


def prepare(stage: Stage, name: str) -> None:
    """The jail as this way needs it, whatever was left by the one before."""
    pin = {"pin_hash": pin_hash(KEY, PERSON, PIN), "pin_failures": 0, "name_clip": None}
    with stage.database.begin() as connection:
        this = persons.update().where(persons.c.id == PERSON)
        connection.execute(this.values(**pin, must_choose_pin=name == "first use"))
        connection.execute(facilities.update().values(records_name=name == "name"))
        connection.execute(blocked_numbers.delete())
        connection.execute(credit_requests.delete())
    if name == "own money":
        _earn(stage)
    if name == "more":
        stage.replay()


def _earn(stage: Stage) -> None:
    try:
        debit.open_account(stage.database, OWN, PERSON, "Alex Rivera")
    except LedgerError:
        return
    pay_in(stage.database, 2000, OWN)
