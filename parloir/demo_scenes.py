"""The demo's calls: one that is talked and paid, a refused one, a blocked one, one in Spanish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agi.scripts.refusals import REFUSALS
from blocklists import lists
from calls.reasons import Reason
from ivr_prompts.saying import Digits, Duration, Money, Name, Rate, Sentence
from parloir import sample
from parloir.demo_party import Party, tell
from parloir.money import dollars
from rating.engine import charge
from rating.money import dollars_per_minute
from rating.terms import Quote
from store.database import Database
from store.tables import calls
from store.types import AnyRow

HELLO = "Hi Sam, it's me. I am doing all right. I will call again on Sunday."
REPLY = "So good to hear you. We are all fine, and we miss you."
HOLA = "Hola, soy yo. Estoy bien, y los extraño mucho a todos."
SPEECH = {"en": (HELLO, REPLY), "es": (HOLA,)}
NUMBER = sample.NUMBER.removeprefix("+1")
BLOCKED = "2025550188"


@dataclass
class Scenes:
    """Alex is in custody, Sam is at home. Each scene leaves its call ended."""

    database: Database
    provider: str
    alex: Party
    sam: Party

    def first_call(self) -> None:
        """Called, accepted, talked, hung up by Sam; Alex stays on the phone."""
        alex, sam = self.alex, self.sam
        self._identify()
        alex.hears(Sentence("calls-are-recorded"))
        self._dial(NUMBER)
        self._answer()
        sam.keys("2", "keys 2 to hear the price")
        sam.hears(self._price())
        sam.keys("1", "keys 1 to accept")
        alex.says(HELLO, sam)
        sam.says(REPLY, alex)
        self._sam_hangs_up()

    def refused_call(self) -> None:
        """Another call from the same off-hook, to a number that is never dialled."""
        self.alex.is_asked(Sentence("next-call"))
        self.alex.keys("2", "keys 2: another number")
        self._dial("911")
        self._is_refused(Reason.EMERGENCY)

    def blocked_call(self) -> None:
        """And one to a number that the facility has blocked."""
        with self.database.begin() as connection:
            lists.block(
                connection,
                BLOCKED,
                lists.BlockCause.FACILITY,
                "demo",
                facility_id=sample.FACILITY.id,
            )
        tell("staff", f"block {BLOCKED} (parloir number block)")
        self.alex.is_asked(Sentence("next-call-other"))
        self.alex.keys("2", "keys 2: another number")
        self._dial(BLOCKED)
        self._is_refused(Reason.BLOCKED_FACILITY)
        tell("Alex", "hangs up")
        self.alex.phone.hangup()

    def spanish_call(self) -> None:
        """The same two, both in Spanish."""
        alex, sam = self.alex, self.sam
        self._lift()
        alex.keys("9#", "keys 9 and #: Spanish, please")
        alex.language = "es"
        self._key_id()
        self._dial(NUMBER)
        self._answer()
        sam.keys("9", "keys 9: Spanish, please")
        sam.language = "es"
        sam.is_asked(Sentence("called-menu-two-keys", accept=Digits("1"), second=Digits("5")))
        sam.keys("2", "keys 2 to hear the price")
        sam.hears(self._price())
        sam.keys("1", "keys 1 to accept")
        alex.says(HOLA, sam)
        self._sam_hangs_up()
        tell("Alex", "hangs up")
        alex.phone.hangup()

    def ended(self) -> Iterator[str]:
        """The calls so far, in their order."""
        with self.database.begin() as connection:
            rows = connection.execute(calls.select().order_by(calls.c.offhook_at)).all()
        yield from (row.id for row in rows)

    def _lift(self) -> None:
        tell("Alex", "lifts the phone in the housing unit")
        self.alex.phone.call("home")
        self.alex.phone.wait_connected()
        self.alex.is_asked(Sentence("enter-id"))

    def _identify(self) -> None:
        self._lift()
        self._keys_id()

    def _key_id(self) -> None:
        self.alex.is_asked(Sentence("enter-id"))
        self._keys_id()

    def _keys_id(self) -> None:
        self.alex.keys(f"{sample.PERSON}#", f"keys ID {sample.PERSON} and #")
        self.alex.is_asked(Sentence("enter-pin"))
        self.alex.keys(f"{sample.PIN}#", "keys the PIN and #")

    def _dial(self, number: str) -> None:
        self.alex.is_asked(Sentence("enter-number"))
        self.alex.keys(f"{number}#", f"keys {number} and #")
        self.alex.is_asked(Sentence("confirm-number", number=Digits(number)))
        self.alex.keys("1", "keys 1: yes, this number")

    def _answer(self) -> None:
        self.sam.phone.wait_incoming()
        call = self._call()
        for rule, answer in call.decision["trail"]:
            tell("decision", f"{rule}: {answer}")
        terms = Quote.from_json(call.decision["terms"])
        tell(
            "decision",
            f"${dollars_per_minute(terms.base_e4 + terms.additive_e4)} a minute, at most "
            f"{call.limit_seconds} s; {dollars(call.decision['held_cents'])} held",
        )
        tell("Sam", "hears the phone ring and answers")
        self.sam.phone.answer()
        intro = Sentence(
            "called-intro",
            provider=Name(self.provider),
            caller=Name(sample.PERSON_NAME),
            facility=Name(sample.FACILITY.name),
        )
        self.sam.hears(intro)
        self.sam.hears(Sentence("called-recorded"))

    def _price(self) -> Sentence:
        call = self._call()
        terms = Quote.from_json(call.decision["terms"])
        return Sentence(
            "called-price",
            rate=Rate(terms.base_e4 + terms.additive_e4),
            longest=Duration(call.decision["affordable_seconds"]),
            total=Money(charge(terms, call.decision["affordable_seconds"]).total_cents),
        )

    def _sam_hangs_up(self) -> None:
        tell("Sam", "hangs up")
        self.sam.phone.hangup()
        self.alex.hears(Sentence("called-hung-up"))

    def _is_refused(self, reason: Reason) -> None:
        self.alex.hears(REFUSALS[reason])
        self.alex.hears(Sentence("reference-code", code=Digits(str(reason.code))))

    def _call(self) -> AnyRow:
        newest = calls.select().order_by(calls.c.offhook_at.desc()).limit(1)
        with self.database.begin() as connection:
            return connection.execute(newest).one()
