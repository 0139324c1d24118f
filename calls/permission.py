"""What the layers say of a call: the one policy of facility, unit, phone, person and number.

Asked in three steps, what is cheapest first: whether calls may be at all now, whether the number
is one of the person's, and what counters leave. Counters are asked of the database, under the
person's lock that the query of the facts took, and only where some rule counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from blocklists.pan import PanStanding
from blocklists.policy import controls, history, velocity
from blocklists.policy.kinds import Kind, Question
from blocklists.policy.reading import PanMode
from blocklists.policy.rules import Answer, Asked, Layer, Rule, counts_since, evaluate, of
from calls import learning
from calls.reasons import Reason
from store.types import AnyRow

REASONS: Mapping[Kind, Reason] = {
    Kind.CALLS: Reason.CALLS_OFF,
    Kind.HOURS: Reason.OUTSIDE_HOURS,
    Kind.ONE_LIVE_CALL: Reason.ANOTHER_CALL,
    Kind.PAUSE_SECONDS: Reason.TOO_SOON,
    Kind.ATTEMPTS: Reason.BLOCKED_VELOCITY,
    Kind.REFUSALS: Reason.TOO_MANY_ATTEMPTS,
    **{Kind(f"calls_per_{one}"): Reason.TOO_MANY_CALLS for one in history.Period},
    **{Kind(f"minutes_per_{one}"): Reason.NO_TIME_LEFT for one in history.Period},
}
"""By the kind of the rule that refuses. A list (``pan``) has two: see :func:`_reason`."""
ALWAYS = (Kind.CALLS, Kind.HOURS)
TERMS = (Kind.RECORD, Kind.LONGEST_CALL_SECONDS)
COUNTED = tuple(kind for kind in Kind if kind not in (*ALWAYS, *TERMS, Kind.PAN))
Trail = list[tuple[str, str]]


def standing_rules(facts: AnyRow) -> list[Rule]:
    """The rules of the layers: what stands in the facility's own row, and the controls."""
    longest, daily = facts.longest_call_seconds, facts.daily_minutes
    own = [
        Rule(Layer.FACILITY, Kind.RECORD, bool(facts.records)),
        Rule(Layer.FACILITY, Kind.LONGEST_CALL_SECONDS, longest),
    ]
    if daily is not None:
        own.append(Rule(Layer.FACILITY, Kind.MINUTES_PER_DAY, daily))
    return [*own, *controls.read(facts.controls)]


@dataclass
class Permission:
    """The layers' answers about one call. Each step gives the reason of a refusal, or None."""

    connection: Connection
    call_id: str
    number: str
    at: datetime
    facts: AnyRow
    trail: Trail
    limits: list[tuple[int, str]] = field(default_factory=list)
    shuts_at: datetime | None = None
    learns: int | None = None

    def __post_init__(self) -> None:
        self.rules = standing_rules(self.facts)
        self.question = Question(self.at, ZoneInfo(self.facts.timezone), self.number)

    def now(self) -> Reason | None:
        """Whether calls may be, and until when: of lawyers' calls, too."""
        answer = evaluate(of(self.rules, ALWAYS), self.question)
        if answer.seconds is not None:
            self.shuts_at = self.at + timedelta(seconds=answer.seconds)
        return self._asked(answer)

    def listed(self) -> Reason | None:
        """Whether the number is on the person's list, where lists bind."""
        rules = [one for one in of(self.rules, (Kind.PAN,)) if one.value["mode"] != PanMode.OFF]
        if not rules or self.facts.privileged:
            return None
        self.learns = min(
            (one.value["max"] for one in rules if one.value["mode"] == PanMode.SELF_LEARNING),
            default=None,
        )
        found = self._standing()
        self.question = replace(self.question, on_list=found.allowed, entries=found.entries)
        return self._asked(evaluate(rules, self.question))

    def counted(self) -> Reason | None:
        """What the person's other calls leave. Privileged calls aren't counted."""
        rules = of(self.rules, COUNTED)
        since = counts_since(rules, self.question)
        if since is None or self.facts.privileged:
            return None
        past = history.history(self.connection, self.facts.person_id, since, self.call_id)
        self.question = replace(self.question, history=past)
        answer = self._forgiven(evaluate(rules, self.question), rules)
        reason = self._asked(answer)
        if answer.refused and reason is Reason.BLOCKED_VELOCITY:
            velocity.block(
                self.connection, self.facts.person_id, answer.refused.rule, self.question
            )
        return reason

    def terms(self) -> bool:
        """Whether it is recorded; the longest talk is known from then on."""
        answer = evaluate(of(self.rules, TERMS), self.question)
        self._asked(answer)
        return answer.recorded and not self.facts.privileged

    def _standing(self) -> PanStanding:
        entries = self.facts.entries_unless_allowed
        if entries is None or self.learns is None:
            return PanStanding(entries is None, entries or 0)
        return learning.standing(self.connection, self.call_id, self.facts, self.question)

    def _forgiven(self, answer: Answer, rules: list[Rule]) -> Answer:
        if answer.refused is None or answer.refused.rule.kind is not Kind.ATTEMPTS:
            return answer
        person = self.facts.person_id
        before = velocity.forgiven_until(self.connection, person, self.number, self.at)
        self.question = replace(self.question, forgiven_until=before)
        return evaluate(rules, self.question)

    @property
    def longest(self) -> int:
        """Seconds of talk that every layer allows."""
        return min(self.limits)[0]

    @property
    def shortest(self) -> str:
        """The rule by which it isn't longer."""
        return min(self.limits, key=lambda one: one[0])[1]

    def _asked(self, answer: Answer) -> Reason | None:
        shortest = answer.shortest
        self.trail += [
            (one.rule.name, one.verdict.said) for one in answer.asked if one is not answer.refused
        ]
        if answer.seconds is not None and shortest is not None:
            self.limits.append((answer.seconds, shortest.name))
        if answer.refused is None:
            return None
        self.trail.append((answer.refused.rule.name, answer.refused.verdict.said))
        return _reason(answer.refused)


def _reason(refused: Asked) -> Reason:
    if refused.rule.kind is not Kind.PAN:
        return REASONS[refused.rule.kind]
    learns = refused.rule.value["mode"] == PanMode.SELF_LEARNING
    return Reason.LIST_FULL if learns else Reason.NOT_ON_LIST
