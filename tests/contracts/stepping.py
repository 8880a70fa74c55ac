"""A step is offered to those who can take it, and does what its declaration says and nothing besides."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from django.test import override_settings

from accounts.access import NotPermitted
from riskregister import nouns
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from tests.contracts import taking
from tests.contracts.base import OfTheEstate
from tests.contracts.taking import Try

_tries: list[Try] = []


class StepsContract(OfTheEstate):
    """Offers, refusals, events."""

    @property
    def tries(self) -> list[Try]:
        """Return what became of every step, tried once for all tests."""
        if not _tries:
            # The estate's drafts have the first question set: with it as the newest nobody could move one. And where
            # nothing is fetched nobody can have a feed taken in from its address.
            with override_settings(QUESTION_SET=0, FETCH_FEEDS="asked"):
                _tries.extend(list(taking.tries(self.estate)))
        return _tries

    def test_a_step_is_offered_to_whoever_can_take_it_and_nobody_else(self) -> None:
        self.holds(f"{one}: {wrong}" for one in self.tries if (wrong := _misjudged(one)))

    def test_every_step_can_be_taken_by_somebody(self) -> None:
        self.holds(
            f"{name}: {sorted({repr(one.refusal) for one in tried})}"
            for name, tried in _by_step(self.tries)
            if all(one.refusal for one in tried)
        )

    def test_every_bar_bars_somebody(self) -> None:
        self.holds(
            f"Nobody of the estate is barred from {name}."
            for name, tried in _by_step(self.tries)
            if tried[0].step.rule.barred and not any(one.offer and one.offer.barred for one in tried)
        )

    def test_a_step_records_the_events_that_it_declares_once(self) -> None:
        self.holds(f"{one}: {one.events}" for one in self.tries if not _has_its_events(one))

    def test_every_step_that_records_has_recorded(self) -> None:
        self.holds(
            name
            for name, tried in _by_step(self.tries)
            if tried[0].step.rule.records and not any(one.events for one in tried)
        )

    def test_what_is_refused_records_nothing(self) -> None:
        self.holds(f"{one}: {one.events}" for one in self.tries if one.refusal and one.events)


class HistoryContract(StepsContract):
    """Field histories."""

    def test_the_field_history_shows_where_a_step_led(self) -> None:
        self.holds(
            f"{one}: {one.changes}"
            for one in self.tries
            if one.refusal is None and one.step.rule.to not in ("", one.state) and _has_a_history(one)
            if one.changes.get("status") != [one.state, str(one.step.rule.to)]
        )


class AlertsContract(StepsContract):
    """Alerts."""

    def test_whoever_is_told_of_a_step_can_open_what_the_alert_leads_to(self) -> None:
        self.holds(f"{one}: {lost}" for one in self.tries for lost in one.lost)


def _has_a_history(one: Try) -> bool:
    return one.moved is not None and nouns.card(one.moved).field_history is not None


def _by_step(tries: Iterable[Try]) -> Iterator[tuple[str, list[Try]]]:
    for name, tried in groupby(tries, key=lambda one: one.name):
        yield name, list(tried)


def _misjudged(one: Try) -> str:
    """Return in what the offer and what became of the step differ."""
    offer, refusal = one.offer, one.refusal
    if refusal is not None and not isinstance(refusal, NotPermitted | IllegalTransition | Refused):
        return f"it broke: {refusal!r}"
    if offer is None:
        return ""
    if not offer.is_possible:
        # Who may not is refused first: somebody may all but what others do with what is their own.
        may_not = one.role != "somebody" or not one.step.rule.needs
        is_so = str(refusal) == offer.why_not or (isinstance(refusal, NotPermitted) and may_not)
        return "" if is_so else f"not possible ({offer.why_not}), but {refusal!r}"
    if offer.why_not:
        is_same = isinstance(refusal, NotPermitted) and str(refusal) == offer.why_not
        return "" if is_same else f"not offered ({offer.why_not}), but {refusal!r}"
    needs_more = bool(one.step.rule.also) and isinstance(refusal, NotPermitted)
    # What it is asked of is as it should be, and something that goes with it is not.
    of_another = isinstance(refusal, IllegalTransition) and refusal.obj != one.moved
    is_refused = isinstance(refusal, NotPermitted | IllegalTransition) and not (needs_more or of_another)
    return f"offered, but {refusal!r}" if is_refused else ""


def _has_its_events(one: Try) -> bool:
    """Return whether a step that changed something said so."""
    rule = one.step.rule
    if one.refusal or not rule.records or not one.events:
        return True
    return all(one.events.count((verb, getattr(one.about, "pk", None))) == 1 for verb in (rule.verb, *rule.then))
