"""Days are told once however many sweeps run at once, and no sweep waits for what somebody holds."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from audit.models import Event, Outbox
from findings.models import Finding, RiskAcceptance
from jobs import dated
from jobs.models import DayNotice
from riskregister import nouns, sweeps
from tests.alerts import scene as scenes
from tests.alerts.scene import Scene
from tests.cast import NOON, TODAY
from tests.interleaving import at_once, overtaken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]
MANY = 7
BEFORE = NOON - timedelta(days=10)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Return the scene with findings that are due today, more than a sweep holds at once."""
    monkeypatch.setattr(sweeps, "BATCH", 3)
    built = scenes.build()
    last = Finding.objects.latest("number").number
    Finding.objects.update(due_on=TODAY, opened_at=BEFORE)
    Finding.objects.bulk_create(_like(built.finding, last + n) for n in range(1, MANY))
    return built


def _like(row: Finding, number: int) -> Finding:
    return Finding(
        number=number, unit_id=row.unit_id, server_id=row.server_id, source=row.source, stable_key=f"keys-{number}",
        title=row.title, severity=row.severity, dimension=row.dimension, owner_id=row.owner_id, due_on=TODAY,
        last_observed_at=NOON, created_at=NOON, opened_at=BEFORE,
    )  # fmt: skip


def tell(word: str = "finding") -> int:
    return dated.tell(next(one for one in dated.every() if one.word == word), now=NOON)


def assert_all_are_told_once() -> None:
    told = Event.objects.filter(verb="finding.due_soon")
    assert Counter(told.values_list("object_id", flat=True)) == dict.fromkeys(
        Finding.objects.values_list("pk", flat=True), 1
    )
    assert DayNotice.objects.filter(word="finding", day=TODAY, step="0").count() == MANY
    assert Outbox.objects.filter(event__in=told, relayed_at=None).count() == MANY


def test_of_two_sweeps_at_once_each_row_is_told_by_one(scene: Scene) -> None:
    assert sum(at_once(tell, tell)) == MANY
    assert_all_are_told_once()


def test_a_sweep_that_is_overtaken_before_it_holds_tells_nothing_again(scene: Scene) -> None:
    assert sum(overtaken(tell, tell, at=(nouns, "hold_free"))) == MANY
    assert_all_are_told_once()


def test_a_sweep_that_fails_within_a_batch_leaves_nothing_of_that_batch(scene: Scene, monkeypatch: Any) -> None:
    made = dated._data
    left = [MANY - 2]

    def runs_out(*args: Any, **kwargs: Any) -> dict[str, Any]:
        left[0] -= 1
        if left[0] < 0:
            raise ZeroDivisionError
        return made(*args, **kwargs)

    monkeypatch.setattr(dated, "_data", runs_out)
    with pytest.raises(ZeroDivisionError):
        tell()
    assert DayNotice.objects.count() == Event.objects.filter(verb="finding.due_soon").count() == 3
    monkeypatch.setattr(dated, "_data", made)
    assert tell() == MANY - 3
    assert_all_are_told_once()


def test_a_row_that_cannot_be_told_holds_back_itself_alone(scene: Scene, monkeypatch: Any) -> None:
    made, bad = dated._data, Finding.objects.order_by("pk")[1]

    def breaks(row: Finding, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if row == bad:
            raise ZeroDivisionError
        return made(row, *args, **kwargs)

    monkeypatch.setattr(dated, "_data", breaks)
    with pytest.raises(ZeroDivisionError):
        tell()
    others = set(Finding.objects.exclude(pk=bad.pk).values_list("pk", flat=True))
    assert set(DayNotice.objects.values_list("object_id", flat=True)) == others
    monkeypatch.setattr(dated, "_data", made)
    assert tell() == 1
    assert_all_are_told_once()


@pytest.mark.postgres
def test_what_somebody_holds_is_left_to_the_next_sweep(scene: Scene) -> None:
    def beside() -> Any:
        with transaction.atomic():
            nouns.hold(Finding.objects.get(pk=scene.finding.pk))
            return at_once(tell)

    assert beside() == [MANY - 1]
    assert tell() == 1
    assert_all_are_told_once()


@pytest.mark.postgres
def test_what_hangs_on_a_row_that_somebody_holds_is_left_too(scene: Scene) -> None:
    people, finding = scene.cast, scene.finding
    RiskAcceptance.objects.create(
        number=1, unit=finding.unit, finding=finding, status="granted", reason="It goes next year.",
        compensating_control="Calls are logged.", requested_by=people.alice, requested_at=NOON, decided_by=people.bob,
        decided_at=NOON, expires_on=TODAY,
    )  # fmt: skip
    with transaction.atomic():
        nouns.hold(Finding.objects.get(pk=finding.pk))
        assert at_once(lambda: tell("acceptance")) == [0]

    assert tell("acceptance") == 1
