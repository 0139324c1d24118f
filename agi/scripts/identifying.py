"""Who is calling: ID and PIN, an own PIN at the first use, the name in the caller's voice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from agi.line import TRIES, Line
from agi.scripts import naming
from calls import people
from calls.people import Locked, Person, PinFault
from custody.lines.hotlines import reaches
from ivr_prompts.saying import Sentence, TimeOfDay

ID_DIGITS = 12
HOTLINE = "*"
# One more than the longest PIN, so that a longer one is refused and not cut.
PIN_DIGITS = 7
PIN_FAULTS: Mapping[PinFault, Sentence] = {
    PinFault.LENGTH: Sentence("pin-length"),
    PinFault.TOO_EASY: Sentence("pin-too-easy"),
}
_GIVE_UP = (Sentence("too-many-tries"), Sentence("goodbye"))


@dataclass(frozen=True)
class Hotline:
    """Nobody: somebody who wants a hotline, whoever it is."""

    code: str


def identify(line: Line, call_id: str) -> Person | Hotline | None:
    """The person on this phone, or what is wanted without being known; None after a goodbye."""
    person = _by_pin(line, call_id)
    if isinstance(person, Hotline):
        return person
    if person is None or (person.must_choose_pin and not _chooses_pin(line, person)):
        return None
    if person.records_name and line.recorded_name(person.name_clip) is None:
        naming.record_name(line, call_id, person)
    return person


def _by_pin(line: Line, call_id: str) -> Person | Hotline | None:
    for _ in range(TRIES):
        person_id = line.ask(Sentence("enter-id"), digits=ID_DIGITS, offered="language-offer-pound")
        if not person_id:
            line.say(Sentence("no-input"))
            continue
        if person_id.startswith(HOTLINE):
            if _is_hotline(line, person_id.removeprefix(HOTLINE)):
                return Hotline(person_id.removeprefix(HOTLINE))
            line.say(Sentence("not-understood"))
            continue
        found = _look_up(line, call_id, person_id)
        if isinstance(found, Person):
            return found
        if isinstance(found, Locked):
            line.say(_locked(found), Sentence("goodbye"))
            return None
        line.say(Sentence("pin-wrong"))
    line.say(*_GIVE_UP)
    return None


def _is_hotline(line: Line, code: str) -> bool:
    with line.context.database.once() as connection:
        return reaches(connection, line.channel.env["agi_arg_1"], code)


def _look_up(line: Line, call_id: str, person_id: str) -> Person | Locked | None:
    context = line.context
    pin = line.ask(Sentence("enter-pin"), digits=PIN_DIGITS, secret=True)
    return people.identify(
        context.database, context.pin_key, call_id, person_id, pin, context.now()
    )


def _locked(found: Locked) -> Sentence:
    until = found.until.astimezone(ZoneInfo(found.timezone))
    # The lock may end within the minute that is said: the next one is sure.
    minutes = (until.hour * 60 + until.minute + 1) % (24 * 60)
    return Sentence("pin-locked", until=TimeOfDay(*divmod(minutes, 60)))


def _chooses_pin(line: Line, person: Person) -> bool:
    """Whether the person now has a PIN that nobody else has seen."""
    for _ in range(TRIES):
        pin = line.ask(Sentence("pin-choose"), digits=PIN_DIGITS, secret=True)
        if not pin:
            line.say(Sentence("no-input"))
        elif line.ask(Sentence("pin-repeat"), digits=PIN_DIGITS, secret=True) != pin:
            line.say(Sentence("pin-differs"))
        elif _kept(line, person, pin):
            return True
    line.say(*_GIVE_UP)
    return False


def _kept(line: Line, person: Person, pin: str) -> bool:
    context = line.context
    fault = people.choose_pin(context.database, context.pin_key, person.id, pin, context.now())
    line.say(Sentence("pin-kept") if fault is None else PIN_FAULTS[fault])
    return fault is None
