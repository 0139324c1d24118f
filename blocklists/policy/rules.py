"""The rules that are asked about one call, and what comes of them all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from blocklists.policy.kinds import CONTROLS, Kind, Question, Verdict


class Layer(StrEnum):
    """Whose rule it is."""

    FACILITY = "facility"
    UNIT = "unit"
    PHONE = "phone"
    PERSON = "person"
    NUMBER = "number"


@dataclass(frozen=True)
class Rule:
    """What one layer asks. ``id`` is the control's; 0: the layer's own standing rule."""

    layer: Layer
    kind: Kind
    value: Any
    id: int = 0

    @property
    def name(self) -> str:
        """As a decision's trail has it."""
        return f"{self.layer}.{self.kind}"


@dataclass(frozen=True)
class Asked:
    """A rule and its answer."""

    rule: Rule
    verdict: Verdict


@dataclass(frozen=True)
class Answer:
    """What all rules together say, each with its own answer."""

    asked: tuple[Asked, ...]

    @property
    def refused(self) -> Asked | None:
        """The rule that refuses; of several the first kind's, from the outermost layer."""
        return next((one for one in self.asked if one.verdict.refused), None)

    @property
    def seconds(self) -> int | None:
        """The longest talk that all allow; None: any."""
        return min((one for _, one in self._limits()), default=None)

    @property
    def shortest(self) -> Rule | None:
        """Whose rule it is that decides how long the talk may be."""
        return min(self._limits(), key=lambda one: one[1], default=(None, 0))[0]

    @property
    def recorded(self) -> bool:
        """Whether none forbids the recording."""
        return not any(one.rule.kind is Kind.RECORD and not one.rule.value for one in self.asked)

    def _limits(self) -> list[tuple[Rule, int]]:
        return [
            (one.rule, one.verdict.seconds) for one in self.asked if one.verdict.seconds is not None
        ]


def evaluate(rules: Iterable[Rule], question: Question) -> Answer:
    """Ask every rule by itself. The order in which they are given makes no difference."""
    return Answer(
        tuple(
            Asked(one, CONTROLS[one.kind].ask(one.value, _scope(one, question)))
            for one in sorted(rules, key=_place)
        )
    )


def of(rules: Iterable[Rule], kinds: Collection[Kind]) -> list[Rule]:
    """Those of these kinds."""
    return [one for one in rules if one.kind in kinds]


def counts_since(rules: Iterable[Rule], question: Question) -> datetime | None:
    """From when on the person's calls have to be known; None when no rule counts any."""
    asked = ((CONTROLS[one.kind].since, one.value) for one in rules)
    return min((since(value, question) for since, value in asked if since), default=None)


def _scope(rule: Rule, question: Question) -> Question:
    """A number's own rule counts calls to that number only."""
    if rule.layer is not Layer.NUMBER:
        return question
    to_number = [one for one in question.history if one.number == question.number]
    return replace(question, history=to_number)


def _place(rule: Rule) -> tuple[int, int, int]:
    return _KINDS[rule.kind], _LAYERS[rule.layer], rule.id


_KINDS = {kind: place for place, kind in enumerate(CONTROLS)}
_LAYERS = {layer: place for place, layer in enumerate(Layer)}
