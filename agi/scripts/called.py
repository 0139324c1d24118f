"""The called party's leg: who calls, what it costs, accept or not.

47 CFR 64.710: the provider is named first, the price is one key away, and hanging up before
acceptance is free. Only a pressed acceptance joins the parties; silence and machines never do.
"""

from __future__ import annotations

from agi.channel import Channel
from agi.context import Context
from agi.line import Line
from asterisk_conf.variables import CALL_PLAN, PLAN_END, PLAN_JOIN
from calls import life
from calls.life import Answered
from calls.states import Cause
from ivr_prompts.saying import Digits, Duration, Rate, Sentence
from rating.engine import charge
from rating.terms import Quote
from store.types import from_epoch_ms

PRICE, REFUSE, REPEAT = "2", "3", "0"
SILENCE_MS = 5000
# A menu that starts later than this before the deadline would not end before it.
LAST_REPEAT_SECONDS = 15


def called(channel: Channel, context: Context) -> None:
    """The called party answered. Ends in a plan to join, or in a goodbye."""
    call_id, rang = channel.env["agi_arg_1"], from_epoch_ms(int(channel.env["agi_arg_2"]))
    call = life.answered(
        context.database, call_id, channel.env["agi_uniqueid"], rang, context.now()
    )
    line = Line(channel, context, "called")
    if call is None:
        # The caller left while the phone was being lifted.
        line.say(Sentence("caller-hung-up"))
        channel.set_variable(CALL_PLAN, PLAN_END)
        return
    with line.journal(call_id):
        plan = _Menu(line, call_id, call).run()
    channel.set_variable(CALL_PLAN, plan)


class _Menu:
    """The choices of the called party, until one is made or the time is over."""

    def __init__(self, line: Line, call_id: str, call: Answered) -> None:
        self._line = line
        self._call_id = call_id
        self._call = call
        self._context = line.context
        self._settings = line.context.settings.call
        self._accept_keys = (self._settings.accept_key, self._settings.second_accept_key)
        self._deadline = self._context.monotonic() + self._settings.accept_seconds

    def run(self) -> str:
        """The plan for the dialplan."""
        key = self._ask(*self._introduction(), self._choices())
        if not self._accepts(key):
            life.greeted(self._context.database, self._call_id, self._context.now())
        while not self._accepts(key):
            if key == REFUSE:
                return self._give_up(Cause.DECLINED, Sentence("called-refused"))
            if self._left() <= 0:
                return self._give_up(Cause.NO_ACCEPTANCE, Sentence("called-no-key"))
            key = self._ask(*self._reply_to(key))
        return self._accept()

    def _accepts(self, key: str) -> bool:
        return bool(key) and key in self._accept_keys

    def _reply_to(self, key: str) -> tuple[Sentence, ...]:
        if key == PRICE:
            return self._price(), self._choices()
        if key == REPEAT:
            return (*self._introduction(), self._choices())
        return (Sentence("not-understood"), self._choices()) if key else (self._choices(),)

    def _ask(self, *sentences: Sentence) -> str:
        if self._left() < LAST_REPEAT_SECONDS:
            return self._line.listen(max(1, int(self._left() * 1000)))
        return self._line.ask(*sentences, digits=1, silence_ms=SILENCE_MS)

    def _left(self) -> float:
        return self._deadline - self._context.monotonic()

    def _accept(self) -> str:
        context = self._context
        limit = life.accept(context.database, self._call_id, self._call, context.now())
        if limit is None:
            self._line.say(Sentence("caller-hung-up"))
            return PLAN_END
        limit_ms = limit * 1000
        warning_ms = self._settings.warning_seconds * 1000
        recorded = "yes" if self._call.recorded else "no"
        warned = warning_ms if warning_ms < limit_ms else 0
        return f"{PLAN_JOIN},{limit_ms},{warned},{recorded}"

    def _give_up(self, cause: Cause, farewell: Sentence) -> str:
        life.note_outcome(self._context.database, self._call_id, cause)
        self._line.say(farewell)
        return PLAN_END

    def _introduction(self) -> tuple[Sentence, ...]:
        decision, line = self._call.decision, self._line
        intro = Sentence(
            "called-intro",
            provider=line.named(self._context.settings.provider_name, Sentence("a-phone-service")),
            caller=line.named(decision["person_name"], Sentence("a-person-in-custody")),
            facility=line.named(decision["facility_name"], Sentence("a-correctional-facility")),
        )
        if self._call.recorded:
            return intro, Sentence("called-recorded")
        return intro, Sentence("called-not-recorded")

    def _choices(self) -> Sentence:
        first, second = (Digits(key) for key in self._accept_keys)
        if not second.text:
            return Sentence("called-menu", accept=first)
        return Sentence("called-menu-two-keys", accept=first, second=second)

    def _price(self) -> Sentence:
        terms = Quote.from_json(self._call.decision["terms"])
        rate = Rate(terms.base_e4 + terms.additive_e4)
        longest = Duration(self._call.limit_seconds)
        if charge(terms, self._call.limit_seconds).total_cents == 0:
            return Sentence("called-free", longest=longest)
        if terms.taxed:
            return Sentence("called-price-plus-taxes", rate=rate, longest=longest)
        return Sentence("called-price", rate=rate, longest=longest)
