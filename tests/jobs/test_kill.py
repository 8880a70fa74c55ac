"""Workers killed with SIGKILL at twenty moments, and in the long run 65 times: nothing is lost, nothing done twice."""

import ipaddress
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import people
from accounts.models import Role
from accounts.units import units
from alerts.channels import managing
from alerts.delivery import ledger
from alerts.models import Alert, Delivery, Message, Telling
from alerts.rules import writing
from assessments.models import Assessment
from audit.models import Event, Outbox
from decisions.models import Reminder, Review
from decisions.reviews import reviews
from evidence import store
from jobs import queue
from jobs.models import Job
from reports import requests
from reports.models import Report, ReportPart
from scoring import deadlines, methodology
from tests.alerts import receiver as receivers
from tests.alerts.receiver import Receiver
from tests.assessments import scenes
from tests.cast import NOON
from tests.environment import LONG
from tests.jobs.killing import Barracks, Hits, PostOffice, kill_at
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.engine]

LEASE = 2
REVIEWS, REPORTS = "decisions.reviews", "reports.render"
PLAN = {
    f"claimed {REVIEWS}": 3,
    f"claimed {REPORTS}": 3,
    "review.opened: before the effect": 4,
    "review.opened: between effect and commit": 6,
    "review.opened: after the commit, before messages": 3,
    "review.reminded: between effect and commit": 3,
    "review.overdue: between effect and commit": 3,
    "report read: between effect and commit": 3,
    "report: while it is drawn": 4,
    "report.issued: before the effect": 3,
    "report.issued: between effect and commit": 5,
    "mail: before it is sent": 2,
    "mail: sent and not noted": 4,
    "mail noted: between effect and commit": 3,
    "message: before it is sent": 2,
    "message: sent and not noted": 3,
    "message noted: between effect and commit": 3,
    "event relayed: between effect and commit": 4,
    "event relayed: after the commit, before messages": 3,
    "report.issued: after the commit, before messages": 1,
}
WANTED = PLAN if LONG else dict.fromkeys(PLAN, 1)


@dataclass
class Work:
    """What was promised through the product's own steps, to be counted afterwards."""

    scene: scenes.Scene
    assessment: Assessment
    soon: list[Review] = field(default_factory=list)
    overdue: list[Review] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    sweeps: int = 0

    @property
    def reviews(self) -> list[Review]:
        """Return every review that came due."""
        return [*self.soon, *self.overdue]

    def supply(self, moment: str) -> None:
        """Make the work in which the moment comes, unless some of it still waits, or is being done."""
        of_a_report = _is_of_a_report(moment)
        under_way = Job.objects.filter(status__in=[Job.Status.QUEUED, Job.Status.RUNNING])
        if under_way.filter(kind=REPORTS if of_a_report else REVIEWS).exists():
            return
        if of_a_report:
            self.ask_for_a_report()
        elif "overdue" in moment:
            self.come_due(days=-3, kept=self.overdue)
        else:
            self.come_due(days=10, kept=self.soon)

    def come_due(self, *, days: int, kept: list[Review]) -> None:
        """Plan a review that is due in so many days, as its cadence did a year ago, and promise a sweep."""
        server = scenes.register(self.scene.people, f"com.example/server-{len(self.reviews)}")
        now = timezone.now()
        due_on = timezone.localdate(now) + timedelta(days=days)
        kept.append(reviews.schedule_next(server, after=_cadence_before(due_on, server.inherent_tier), now=now))
        self.sweep()

    def sweep(self) -> None:
        """Promise a sweep of the reviews besides those that the clock promises every ten minutes."""
        self.sweeps += 1
        with transaction.atomic():
            queue.enqueue(REVIEWS, key=f"a sweep for the test:{self.sweeps}", now=timezone.now())

    def ask_for_a_report(self) -> None:
        """Ask for a report of its own: the first of the assessment, the others of the register, which is soon drawn.

        Where the same is under way, which would be given again, it is the register of a new unit.
        """
        mia, now = self.scene.people.mia, timezone.now()
        if self.reports:
            report = requests.request_register_report(unit=self.scene.people.payments, by=mia, now=now)
        else:
            report = requests.request_assessment_report(self.assessment, by=mia, now=now)
        if not requests.is_new(report, now=now):
            code = f"unit-{len(self.reports)}"
            unit = units.open_unit(name=code, code=code, by=self.scene.people.ada, now=now)
            people.give_role(mia, role=Role.MANAGER, unit=unit, by=self.scene.people.ada, now=now)
            report = requests.request_register_report(unit=unit, by=mia, now=now)
        self.reports.append(report)

    def is_done(self) -> bool:
        """Return whether no job waits or runs and everybody has been told."""
        unfinished = Job.objects.exclude(status__in=[Job.Status.DONE, Job.Status.DEAD])
        untold = Outbox.objects.filter(relayed_at__isnull=True)
        # One statement sees one moment: of two, the relay may come between and promise the mail that neither sees.
        return not unfinished.values("pk").union(untold.values("pk")).exists()


def _cadence_before(due_on: date, tier: int) -> date:
    return deadlines.add_months(due_on, -methodology.load().reviews.months[tier])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receivers.running() as running:
        yield running


@pytest.fixture
def work(transactional_db: None, receiver: Receiver, settings: Any) -> Work:
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
    scene = scenes.set_up()
    assessment = scene.final()
    _tell_of_reviews(scene, receiver)
    # All of this is long told: what is counted begins with the first kill.
    Outbox.objects.update(relayed_at=NOON)
    return Work(scene, assessment)


def _tell_of_reviews(scene: scenes.Scene, receiver: Receiver) -> None:
    """Have the receiver told of whatever happens to reviews."""
    how: dict[str, Any] = {"unit": scene.people.payments, "by": scene.people.mia, "now": NOON}
    channel, _ = managing.open_channel(name="Pager", kind="webhook", address=receiver.url, form="", **how)
    facts: dict[str, Any] = {"least_severity": "", "tiers": [], "vendor": None, "places": [], "people": []}
    facts |= {"about": ["reviews"], "channels": [channel], "pace": "soon"}
    rule = writing.write(name="Reviews", facts=facts, **how)
    writing.start(rule, by=scene.people.mia, now=NOON)


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    office = PostOffice()
    office.open()
    yield office
    office.close()


@pytest.fixture
def barracks(
    process_environment: dict[str, str], post_office: PostOffice, tmp_path: Path
) -> Iterator[Callable[..., Barracks]]:
    """Return a function that opens barracks whose workers mail to the post office and have a short lease."""
    opened: list[Barracks] = []

    def open_barracks(**extra: str) -> Barracks:
        usual = {"RISKREGISTER_JOB_LEASE_SECONDS": str(LEASE), "RISKREGISTER_MAIL_URL": post_office.url}
        usual |= {"RISKREGISTER_MAIL_PAUSE_SECONDS": "1", "RISKREGISTER_OUTBOUND_ALLOW": "127.0.0.0/8"}
        opened.append(Barracks({**process_environment, **usual, **extra}, tmp_path))
        return opened[-1]

    yield open_barracks
    for each in opened:
        each.close()


def planned() -> list[str]:
    """Return the moments of the plan, each as often as wanted, in one order that looks like none.

    Those of reports come last: whoever waits for another moment meanwhile would draw one after the other.
    """
    plan = [moment for moment, times in WANTED.items() for _ in range(times)]
    random.Random(50).shuffle(plan)
    return sorted(plan, key=_is_of_a_report)


def _is_of_a_report(moment: str) -> bool:
    return moment.startswith(("report", f"claimed {REPORTS}"))


def test_kills_lose_nothing_and_double_nothing(work, barracks, post_office, receiver, engine, capsys):
    # A job that is killed six times in a row is one of this test's making: it would stop after five tries.
    home = barracks(RISKREGISTER_JOB_ATTEMPTS="60")
    plan = planned()

    hits = kill_at(plan, home, supply=work.supply)
    home.start()
    until(work.is_done, what="the jobs to be done")

    lost, doubled = lost_and_doubled(work, post_office)
    with capsys.disabled():
        print(figures(engine, hits, lost, doubled, work, post_office))
    assert hits.moments == WANTED
    assert hits.in_a_running_job >= (40 if LONG else 10)
    assert lost == Counter()
    assert doubled == Counter()
    assert_whole(work, post_office)
    assert_told(receiver)


def assert_told(receiver: Receiver) -> None:
    """Assert that the receiver has each event once, a second copy of a message under its id with its words."""
    happened = Event.objects.filter(verb__startswith="review.", outbox__relayed_at__gt=NOON)
    assert set(Telling.objects.values_list("event", flat=True)) == set(happened.values_list("pk", flat=True))
    bodies: dict[str, set[bytes]] = {}
    for post in receiver.posts:
        bodies.setdefault(post.headers["webhook-id"], set()).add(post.body)
    assert bodies.keys() == {str(key) for key in Message.objects.values_list("pk", flat=True)}
    assert {len(copies) for copies in bodies.values()} == {1}
    told = [alert["event"] for [body] in bodies.values() for alert in json.loads(body)["data"]["alerts"]]
    assert Counter(told) == Counter(str(key) for key in happened.values_list("pk", flat=True))
    balance = ledger.balance()
    assert (balance.pending, balance.dead, balance.lost) == (0, 0, 0)


def lost_and_doubled(work: Work, post_office: PostOffice) -> tuple[Counter[str], Counter[str]]:
    """Return what is missing and what is there too often, by kind, counted from what was promised."""
    wanted = Counter(_promised(work))
    found = Counter(_happened())
    lost, doubled = wanted - found, found - wanted
    wanted_mail = set(_told_by_mail().values_list("message_id", "address"))
    lost.update({("mail", *key): 1 for key in wanted_mail - set(post_office.received)})
    doubled.update({("mail that nobody promised", *key): 1 for key in set(post_office.received) - wanted_mail})
    return Counter(str(key) for key in lost.elements()), Counter(str(key) for key in doubled.elements())


def _told_by_mail() -> QuerySet[Delivery]:
    """Return the promised messages; a week in which nothing waits for somebody is noted, and promised to nobody."""
    return Delivery.objects.exclude(kind=Delivery.Kind.WEEKLY, status=Delivery.Status.DROPPED)


def _promised(work: Work) -> Iterator[tuple[str, ...]]:
    """Yield every event, inbox entry, reminder and report that the work must come to, as (what, of which, for whom)."""
    cast = work.scene.people
    for review in work.reviews:
        late = review in work.overdue
        told = [cast.alice, cast.mia] if late else [cast.alice]
        verb = "review.overdue" if late else "review.reminded"
        yield from [("review.opened", str(review.pk)), (verb, str(review.pk))]
        yield ("status entry", str(review.pk))
        yield ("reminder", str(review.pk), "overdue" if late else "14")
        yield ("inbox review.opened", str(review.pk), cast.alice.name)
        yield from [(f"inbox {verb}", str(review.pk), person.name) for person in told]
    for report in work.reports:
        yield from [("report.issued", str(report.pk)), ("part", str(report.pk), "1")]
        yield ("inbox report.issued", str(report.pk), cast.mia.name)


def _happened() -> Iterator[tuple[str, ...]]:
    verbs = ["review.opened", "review.reminded", "review.overdue", "report.issued"]
    for verb, key in Event.objects.filter(verb__in=verbs).values_list("verb", "object_id"):
        yield (verb, str(key))
    opened = LogEntry.objects.get_for_model(Review).filter(action=LogEntry.Action.UPDATE)
    yield from [("status entry", entry.object_pk) for entry in opened if "status" in (entry.changes_dict or {})]
    for key, step in Reminder.objects.values_list("review_id", "step"):
        yield ("reminder", str(key), step)
    told = Alert.objects.filter(event__verb__in=verbs).values_list("event__verb", "event__object_id", "recipient__name")
    yield from [(f"inbox {verb}", str(key), name) for verb, key, name in told]
    for key, position in ReportPart.objects.values_list("report_id", "position"):
        yield ("part", str(key), str(position))


def assert_whole(work: Work, post_office: PostOffice) -> None:
    """Assert the state that the counted events led to."""
    assert set(Review.objects.values_list("status", "assignee")) == {("open", work.scene.people.alice.pk)}
    assert Review.objects.count() == len(work.reviews)
    assert set(Report.objects.values_list("status", flat=True)) == {"issued"}
    assert Report.objects.count() == len(work.reports)
    for part in ReportPart.objects.select_related("blob"):
        with store.open_blob(part.blob) as file:
            assert file.read(5) == b"%PDF-"
    assert set(Job.objects.values_list("status", flat=True)) == {"done"}
    assert not Job.objects.filter(lease_token__isnull=False).exists()
    assert set(_told_by_mail().values_list("status", flat=True)) == {"sent"}
    # Each inbox entry stands in one message; a second copy has the first one's Message-ID, recipient and words.
    assert _told_by_mail().count() == len(set(post_office.received))
    assert {len(copies) for copies in post_office.texts.values()} == {1}
    for alert in Alert.objects.select_related("delivery"):
        assert alert.delivery, alert
        [text] = post_office.texts[alert.delivery.message_id]
        assert alert.title in text


def figures(engine: str, hits: Hits, lost: Any, doubled: Any, work: Work, post_office: PostOffice) -> str:
    """Return what the README says about this test."""
    kills, copies = sum(hits.moments.values()), len(post_office.received) - len(set(post_office.received))
    lines = [f"{times:4d} {moment}" for moment, times in sorted(hits.moments.items())]
    return "\n".join(
        [
            f"\nkill -9 on {engine}: {kills} kills, {hits.in_a_running_job} of them in a running job",
            *lines,
            f"{len(work.reviews)} reviews, {len(work.reports)} reports, {Alert.objects.count()} inbox entries, "
            f"{len(set(post_office.received))} mails ({copies} sent again with the same Message-ID): "
            f"{lost.total()} lost, {doubled.total()} doubled",
        ]
    )
