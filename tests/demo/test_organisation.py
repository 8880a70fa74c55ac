"""The demo organisation is built by steps, shows every state, and can be removed again; its trail stays."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts import access
from accounts.access import NotPermitted
from accounts.models import Membership, Unit, User
from alerts.models import Alert, AlertRule, Delivery
from alerts.rules import preview
from assessments.answers import scored_lines
from assessments.facts import server_facts
from assessments.models import Answer, Assessment, Snapshot
from assurance.models import Certificate, DueDiligence
from audit.models import Event, Outbox
from composition.models import (
    Advisory,
    Comparison,
    ExploitedEntry,
    Hit,
    Identifier,
    Inventory,
    PackageVersion,
    Statement,
    Vulnerability,
)  # fmt: skip
from composition.statements import taking as statements
from containment.calls import deciding
from contracts.agreements import agreeing
from contracts.agreements import lifecycle as contracts
from contracts.models import Contract, LegalProfile
from controls.in_place import reading
from controls.models import TierAcceptance, TierPlan
from decisions.models import Approval, Condition, RatingOverride, RatingRecord, Review, ServerRating
from demo import build, captures, comparison, logins, removal
from demo.diary import Diary
from evidence.models import Blob, Evidence
from feeds import managing
from feeds.models import Feed
from findings import register
from findings.models import Finding, FixClaim, RiskAcceptance
from jobs.models import Job
from landscape.models import SharedService, UseCase
from reports.models import Report
from riskregister import keys
from riskregister.canonical import digest
from seal import checking, sealing
from tests import cast, restoring, template
from tests.api.caller import frozen
from tests.environment import LONG
from tests.web.signed_in import sign_in
from vendors.models import Deployment, Package, Release, Server, Vendor
from vendors.registering import registration, relations

NOW = template.DEMO_NOW
TODAY = NOW.date()
# What hits packages is sure, and opens at once.
HITS = Q(stable_key__startswith="hit.")
# What is told of logins depends on whether there are any already.
OF_LOGINS = {"person.invited", "person.activated"}
# So many months are told again after a removal.
MONTHS = 4
REF = re.compile(r"\b(?:[A-Z]{1,2})-\d+\b")

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module", autouse=True)
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the evidence and the logins of this module in a folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("demo")
        patch.setattr(settings, "DATA_DIR", folder)
        patch.setattr(settings, "EVIDENCE_DIR", folder / "evidence")
        yield folder


@pytest.fixture(scope="module")
def copied(django_db_setup: None, django_db_blocker: Any, files: Path) -> Iterator[bool]:
    """Let the register on SQLite, its files and its key be those of the organisation that is built once a run."""
    if connection.vendor != "sqlite":
        yield False
        return
    shutil.copytree(template.demo_folder(), files, dirs_exist_ok=True)
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SEAL_KEYS", [keys.seal_key("", folder=files)])
        restoring.copy_sqlite(template.demo_folder() / "register.sqlite3", connection)
        yield True
        restoring.restore(connection)


@pytest.fixture(scope="module", autouse=True)
def built(copied: bool, kept_for_the_module: None) -> None:
    """Build the organisation once for all tests of the module where it was not copied."""
    if not copied:
        build.build(now=NOW, progress=lambda month: None)


def person(name: str) -> User:
    return User.objects.get(email__startswith=f"{name}.")


def statuses(model: Any) -> set[str]:
    return set(model.objects.values_list("status", flat=True))


def told(*, but: Collection[UUID] = ()) -> list[tuple[Any, ...]]:
    """Return what the events say, oldest first, without the numbers, which are never given out twice."""
    rows = Event.objects.order_by("at", "id").values_list("pk", "verb", "at", "actor_label", "object_label", "reason")
    return [
        (verb, at, actor, REF.sub("#", label), REF.sub("#", reason))
        for key, verb, at, actor, label, reason in rows
        if key not in but
    ]


def test_one_answer_is_contradicted_on_purpose_and_none_by_accident():
    found = set()
    for assessment in Assessment.objects.select_related("server"):
        for row in scored_lines.applicable(assessment, scored_lines.answers_of(assessment)):
            if scored_lines.contradiction(row, assessment):
                found.add((assessment.title, row.question.key))
    assert found == {("Elasticsearch", "permission_scope.credential_scope")}
    finding = Finding.objects.get(server__title="Elasticsearch", stable_key="permission_scope.credential_scope")
    assert finding.answer_text.endswith("its credentials are somebody else's or administrative)")
    [rating] = ServerRating.objects.filter(server__title="Elasticsearch")
    assert "contradicted" in {cap["id"] for cap in rating.caps}


def test_servers_are_the_captured_ones_with_their_packages_own_digests():
    assert Server.objects.count() >= 12
    assert Vendor.objects.filter(supplies__role="publisher").distinct().count() >= 8
    for release in Release.objects.prefetch_related("packages", "tools"):
        assert release.server_json_digest
        assert release.manifest_digest
        assert release.tools.exists()
    assert not Package.objects.filter(integrity="").exists()


def test_every_state_of_a_server_an_assessment_and_a_review_can_be_seen():
    assert statuses(Server) == set(Server.Status.values)
    assert statuses(Assessment) == set(Assessment.Status.values)
    assert statuses(Review) == set(Review.Status.values)
    assert statuses(Approval) == set(Approval.Status.values)
    assert statuses(RiskAcceptance) == set(RiskAcceptance.Status.values)
    assert statuses(Finding) == set(Finding.Status.values)
    assert statuses(Vendor) == {"prospective", "active", "offboarding"}
    assert set(ServerRating.objects.values_list("residual", flat=True)) == {
        "not_assessed", "low", "medium", "high", "critical",
    }  # fmt: skip
    assert set(ServerRating.objects.values_list("band", flat=True)) >= {"strong", "adequate", "weak", "unacceptable"}


def test_the_situations_that_the_screens_are_for_are_there():
    in_use = Server.objects.filter(is_in_use=True)
    approved = Approval.objects.in_force(today=TODAY).values("server")
    half = Assessment.objects.get(server__title="Git")
    verdicts = Counter(FixClaim.objects.values_list("verdict", flat=True))
    verbs = set(Event.objects.values_list("verb", flat=True))

    assert Review.objects.overdue(today=TODAY).exists()
    assert Review.objects.filter(status="open", due_on__gte=TODAY).exists()
    assert Approval.objects.filter(decision="approve_with_conditions", status="granted").exists()
    assert in_use.exclude(pk__in=approved).exists()
    assert in_use.filter(assessments=None).exists()
    assert [ended.server.title for ended in deciding.ended_by_now(in_use, now=NOW)] == ["Time"]
    assert Condition.objects.filter(met_at=None, finding__isnull=False).exists()
    assert Condition.objects.filter(met_at__isnull=False).exists()
    assert RiskAcceptance.objects.filter(expiry_recorded_at__isnull=False, finding__status="open").exists()
    assert RatingOverride.objects.filter(status="requested").exists()
    assert (
        0 < Answer.objects.filter(assessment=half, choice="").count() < Answer.objects.filter(assessment=half).count()
    )
    assert Assessment.objects.filter(status="draft").exclude(return_reason="").exists()
    assert verdicts["failed"]
    assert verdicts["passed"]
    assert verdicts[""]
    assert {"finding.reopened", "acceptance.expired", "review.overdue", "server.suspended", "server.retired"} <= verbs


def test_what_governs_vendors_can_be_seen_in_every_state():
    governed = Vendor.objects.filter(Q(contracts__isnull=False) | Q(certificates__isnull=False)).distinct()
    others = governed.exclude(kinds__kind="mcp_publisher")
    certificates = list(Certificate.objects.select_related("bridges"))
    audits = Finding.objects.get(vendor__name="Stripe", stable_key="contract:clause:audit_right")

    assert set(others.values_list("name", flat=True)) == {"Anthropic", "Hetzner"}
    assert set(governed.values_list("name", flat=True)) >= {"Stripe", "Microsoft", "Notion", "MongoDB"}
    assert statuses(Contract) == set(Contract.Status.values)
    assert Contract.objects.undecided().filter(renewal="automatic", notice_by__lte=TODAY + timedelta(days=60)).exists()
    assert Contract.objects.filter(kind="amendment", parent__isnull=False).exists()
    assert audits.status == "open"
    # An agent of a payment institution runs on its model, so the law asks for what nobody has read in its terms yet.
    assert Finding.objects.get(vendor__name="Anthropic", stable_key="contract:unread").status == "open"
    assert {one.kind for one in certificates} >= {"soc2_type_1", "soc2_type_2", "iso_27001", "bridge_letter"}
    assert {one.state(today=TODAY) for one in certificates} >= {"in_force", "ended"}
    assert Certificate.objects.filter(counts_until__range=(TODAY, TODAY + timedelta(days=30))).exists()
    assert statuses(DueDiligence) == {"open", "complete"}
    assert set(LegalProfile.objects.values_list("financial", flat=True)) == {"payment_institution", "none"}
    assert Finding.objects.filter(stable_key__startswith="controls:tier:missing", status="open").exists()
    assert [plan.to_tier for plan in TierPlan.objects.under_way()] == [2]
    assert [one.tier for one in TierAcceptance.objects.in_force(today=TODAY)] == [1]
    assert SharedService.objects.filter(is_single_point=True, vendor__in=others).exists()
    assert UseCase.objects.filter(model_vendor__in=others).exists()


def test_what_a_shared_service_gives_is_inherited_by_what_runs_behind_it():
    gateway = SharedService.objects.get(name="Tool gateway")
    states = {one.control.ref: one for one in gateway.control_statuses.select_related("control")}
    behind = Deployment.objects.filter(behind__service=gateway).order_by("number")
    loaded = reading.load(behind, today=TODAY)
    held = {
        ref: {loaded.effective(row.server_id, one.control_id, deployment=row.pk) for row in behind}
        for ref, one in states.items()
    }
    assert behind.exists()
    assert {ref: {one.status for one in some} for ref, some in held.items()} == {
        "MI-20.2.9": {"in_place"}, "MI-20.5.3": {"partly"}, "MI-20.T.1": {"in_place"}, "MI-20.T.9": {"missing"},
        "MI-20.T.10": {"in_place"},
    }  # fmt: skip
    assert {one.inherited_from for some in held.values() for one in some} == {str(gateway)}


def test_servers_have_tags_and_a_rule_chooses_by_one():
    tagged = Server.objects.filter(tags__word="customer-data")
    rule = AlertRule.objects.get(tag="customer-data")
    found = preview.last_week(rule, reader=person("marcus"), now=NOW).found
    about = {Finding.objects.select_related("server").get(pk=one.event.object_id).server for one in found}

    assert {server.title for server in tagged} == {"Stripe", "MongoDB", "Elasticsearch"}
    assert [server.title for server in Server.objects.filter(tags=None)] == ["Everything"]
    assert rule.status == "active"
    assert about
    assert about <= set(tagged)
    rule.tag = ""
    assert len(preview.last_week(rule, reader=person("marcus"), now=NOW).found) > len(found)


def test_what_servers_are_built_from_is_real_and_so_is_what_hits_it():
    hits = Finding.objects.filter(HITS).order_by("server__title", "number")
    assert [(one.server.title, one.title.partition(":")[0], one.status) for one in hits if one.server] == [
        ("Context7", "qs", "remediating"),
        ("Git", "click", "open"), ("Git", "mcp", "closed"), ("Git", "mcp", "closed"), ("Git", "mcp", "closed"),
        ("Time", "click", "open"),
    ]  # fmt: skip
    assert set(hits.filter(status="closed").values_list("close_reason", flat=True)) == {
        "Release 2026.10.19 contains mcp 1.28.1, which it does not hit."
    }
    assert not Advisory.objects.filter(affected__matches=None).exists()
    assert not Hit.objects.filter(fixed_in="").exists()


def test_every_state_of_an_inventory_and_a_feed_can_be_seen():
    compared = Comparison.objects.values_list("server__title", "components", "unknown", "affected")
    in_use = Server.objects.filter(is_in_use=True)

    assert statuses(Inventory) == {"current", "superseded"}
    assert set(compared) == {
        ("Context7", 678, 0, 1), ("Git", 45, 0, 1), ("Time", 47, 0, 1), ("Playwright", 97, 0, 0),
        ("AWS Documentation", 3, 2, 0),
    }  # fmt: skip
    assert in_use.filter(inventories=None).exists()
    assert {one.name: one.freshness(now=NOW) for one in Feed.objects.all()} == {
        "Advisories of the example": "fresh", "CISA KEV": "silent", "List of the example": "fresh",
    }  # fmt: skip


def test_the_facts_of_its_servers_are_those_by_which_its_question_sets_are_compared():
    for key in comparison.SERVERS:
        server = Server.objects.get(name=captures.load(key).document["server_json"]["name"])
        # Of one that nobody uses any more it is no longer known what its agents reached.
        ended = set() if server.deployments.filter(ended_on=None).exists() else {"personal_data", "executes"}
        # The sets were compared before anybody set governance tiers.
        ended |= {"governance_tier_3"}
        gathered = server_facts.gather(server, server.releases.latest("created_at"))
        known = {name: value for name, value in comparison.facts_of(key).items() if name not in ended}
        assert {name: gathered[name] for name in known} == known, key


def test_assessments_by_both_question_sets_are_there():
    by_set = Counter(Assessment.objects.values_list("question_set__version", "status"))
    assert {version for version, status in by_set if status == "final"} == {1, 2}
    assert {status for version, status in by_set if version == 2} == {"draft", "submitted", "final"}


def test_what_the_assessment_of_the_gateway_mended_is_closed_on_that_day():
    gateway = SharedService.objects.get(name="Tool gateway")
    found = Finding.objects.filter(stable_key=f"landscape:{gateway.ref}:never_assessed")
    assert [one.closed_at and timezone.localdate(one.closed_at) for one in found] == [gateway.assessed_on] * 2


def test_judgements_say_that_they_are_examples():
    marked = "for the demonstration"

    assert not Approval.objects.exclude(reason__contains=marked).exists()
    assert not Answer.objects.filter(choice="option", reused_from=None).exclude(comment__contains=marked).exists()
    assert not FixClaim.objects.exclude(note__contains=marked).exists()


def test_nothing_is_later_than_now_and_the_history_is_fourteen_months_long():
    days = (NOW - Event.objects.earliest("at").at).days

    assert Event.objects.latest("at").at <= NOW
    assert 420 <= days <= 430
    assert list(Event.objects.order_by("id").values_list("id")) == list(
        Event.objects.order_by("at", "id").values_list("id")
    )


def test_what_events_and_snapshots_say_is_what_their_digests_are_of():
    for event in Event.objects.all():
        body = json.loads(event.body)
        assert digest(event.body) == event.digest
        assert (body["verb"], body["object"]["id"]) == (event.verb, str(event.object_id))
    for snapshot in Snapshot.objects.all():
        assert digest(snapshot.body) == snapshot.digest
        assert snapshot.score.overall is not None


def test_no_record_is_without_the_event_that_made_it():
    made: dict[str, Any] = {
        "server.registered": Server, "vendor.registered": Vendor, "assessment.started": Assessment,
        "approval.granted": Approval, "review.scheduled": Review, "evidence.added": Evidence,
        "finding.opened": Finding.objects.exclude(~HITS, source=Finding.Source.MONITORING),
        "finding.proposed": Finding.objects.filter(~HITS, source=Finding.Source.MONITORING),
        "release.recorded": Release, "override.requested": RatingOverride, "report.requested": Report,
        "inventory.taken": Inventory, "feed.added": Feed,
    }  # fmt: skip
    for verb, one in made.items():
        known = set(Event.objects.filter(verb=verb).values_list("object_id", flat=True))
        rows = one if isinstance(one, QuerySet) else one._default_manager.all()
        assert {row.pk for row in rows} == known, verb
    assert RatingRecord.objects.count() == Event.objects.filter(verb="rating.changed").count()


def test_everything_is_demo_from_birth():
    for model in (Unit, Vendor, Server, Finding, Feed):
        assert not model.objects.filter(is_demo=False).exists()


def test_inboxes_have_something_new_but_no_mail_waits():
    unread = Counter(Alert.objects.unread().values_list("recipient__name", flat=True))

    assert unread["Priya Raman"]
    assert unread["Mei Tanaka"]
    assert unread["Lena Fischer"]
    assert max(unread.values()) < 15
    assert Alert.objects.count() > 100
    assert not Delivery.objects.exists()
    assert not Outbox.objects.filter(relayed_at=None).exists()
    assert set(Job.objects.values_list("kind", flat=True)) == {
        "reports.render", "inspection.check", "intelligence.match", "intelligence.match_news", "landscape.judge",
    }  # fmt: skip


def test_logins_are_kept_for_their_owner_alone_and_work():
    kept = logins.path()
    found = re.search(r"priya\.raman@example\.org +(\S+) +Approver in Payments", kept.read_text())

    assert kept.stat().st_mode & 0o777 == 0o600
    assert found
    assert person("priya").check_password(found[1])


def test_a_second_load_says_where_the_logins_are_and_changes_nothing():
    before, out = Event.objects.count(), StringIO()

    call_command("load_demo", stdout=out)

    assert str(logins.path()) in out.getvalue()
    assert Event.objects.count() == before


def test_refuses_a_register_in_use():
    removal.remove(by=person("amara"), now=NOW)
    relations.register_vendor(name="Ours", kinds=["cloud"], by=analyst(), now=NOW)

    with pytest.raises(CommandError, match="empty one"):
        call_command("load_demo")

    assert not Unit.objects.exists()


def test_a_failed_load_leaves_nothing(monkeypatch):
    removal.remove(by=person("amara"), now=NOW)
    before = Event.objects.count()
    monkeypatch.setattr(Diary, "live", lambda *args, **more: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        build.build(now=NOW, progress=lambda month: None)

    assert not build.is_loaded()
    assert not Server.objects.exists()
    assert Event.objects.count() == before


@pytest.mark.engine
def test_removal_leaves_the_trail_and_whoever_removed_it(django_capture_on_commit_callbacks, files):
    amara, events = person("amara"), Event.objects.count()
    with django_capture_on_commit_callbacks(execute=True):
        counts = removal.remove(by=amara, now=NOW)

    assert (counts.servers, counts.people) == (19, 10)
    for model in (
        Unit, Vendor, Server, Release, Assessment, Finding, Review, Report, Evidence, Blob, Alert, Job, Inventory, Feed,
        Advisory, ExploitedEntry, Vulnerability, Identifier, PackageVersion,
    ):  # fmt: skip
        assert not model.objects.exists(), model
    assert Event.objects.count() > events
    assert Event.objects.latest("at").verb in {"demo.removed", "role.taken", "person.deactivated"}
    assert list(User.objects.filter(is_active=True)) == [amara]
    assert list(Membership.objects.filter(user=amara).values_list("role", flat=True)) == ["administrator"]
    assert not logins.path().exists()
    assert not [path for path in (files / "evidence").rglob("*") if path.is_file()]
    assert not build.is_loaded()
    with pytest.raises(removal.NotLoaded):
        removal.remove(by=amara, now=NOW)


def test_what_its_feeds_brought_stays_where_the_register_has_a_feed_of_its_own():
    amara, brought = person("amara"), Advisory.objects.count()
    managing.add(kind="osv", name="Ours", where="upload", by=amara, now=NOW)

    removal.remove(by=amara, now=NOW)

    assert list(Feed.objects.values_list("name", flat=True)) == ["Ours"]
    assert Advisory.objects.filter(feed=None).count() == brought == 5
    assert Identifier.objects.filter(name="CVE-2026-7246").exists()
    # Of packages that advisories speak of the versions are known to be hit.
    assert PackageVersion.objects.filter(matches=None).count() == 0


def test_its_trail_is_the_registers_own_and_holds_with_it_and_without_it():
    assert sealing.seal(now=NOW) > Event.objects.count() > 1_000
    assert checking.check().problems == []

    removal.remove(by=person("amara"), now=NOW)

    assert checking.check().problems == []


class _Enough(Exception):
    """Some months were told."""


def test_after_removal_it_is_told_again_from_its_first_day(files):
    first = [row for row in told() if row[0] not in OF_LOGINS]
    removal.remove(by=person("amara"), now=NOW)
    before = {row.pk for row in Event.objects.all()}
    months: list[str] = []
    again: list[tuple[Any, ...]] = []

    def note_month(month: str) -> None:
        months.append(month)
        if len(months) == MONTHS:
            again.extend(row for row in told(but=before) if row[0] not in OF_LOGINS)
            raise _Enough

    with frozen(NOW), pytest.raises(_Enough), transaction.atomic():
        build.build(now=NOW, progress=note_month)

    assert (months[0], len(again) > 100) == ("October 2025", True)
    last = max(row[1] for row in again)
    assert Counter(again) == Counter(row for row in first if row[1] <= last)
    assert {row.pk for row in Event.objects.all()} == before


@pytest.mark.skipif(not LONG, reason="All months again: script/test --long; the first ones always.")
def test_after_removal_it_can_be_loaded_again_and_says_the_same(files):
    first = [row for row in told() if row[0] != "person.invited"]
    removal.remove(by=person("amara"), now=NOW)
    before, out = {row.pk for row in Event.objects.all()}, StringIO()

    with frozen(NOW):
        call_command("load_demo", "--no-logins", stdout=out)

    assert "October 2025  November 2025" in out.getvalue()
    # Whoever starts the register shows them at each start.
    assert "@example.org" not in out.getvalue()
    assert logins.path().read_text().count("@example.org") == 11
    again = [row for row in told() if row[0] not in OF_LOGINS]
    since = Counter(again) - Counter(first)
    removed = {"demo.removed", "role.taken", "person.deactivated"}
    fresh = Counter(row for row in since.elements() if row[0] not in removed)
    assert fresh == Counter(first)
    assert Event.objects.count() > len(before)


def test_refuses_to_take_away_what_real_records_rest_on():
    server = ours()
    registration.add_supplier(
        server, Vendor.objects.get(name="Microsoft"), role="publisher", by=person("lena"), now=NOW
    )
    vendor = relations.register_vendor(
        name="Our vendor", kinds=["host"], parent=Vendor.objects.get(name="Microsoft"), by=person("lena"), now=NOW
    )
    before = Event.objects.count()

    with pytest.raises(removal.StillNeeded) as refused:
        removal.remove(by=person("amara"), now=NOW)

    assert str(server) in refused.value.message
    assert str(vendor) in refused.value.message
    assert Server.objects.count() == 20
    assert Event.objects.count() == before


def test_the_page_says_what_stands_in_the_way_and_removes_nothing(client):
    server = ours()
    registration.add_supplier(
        server, Vendor.objects.get(name="Microsoft"), role="publisher", by=person("lena"), now=NOW
    )
    sign_in(client, person("amara"))

    page = client.get(reverse("web:demo")).content.decode()

    assert "Something of yours rests on the demo" in page
    assert f">{server}</a> names a demo vendor" in page
    assert "Remove the demo</button>" not in page


def test_a_unit_with_a_real_server_stays_with_it(client):
    server = ours()
    sign_in(client, person("amara"))
    assert "stays as a real unit" in client.get(reverse("web:demo")).content.decode()

    removal.remove(by=person("amara"), now=NOW)

    [unit] = Unit.objects.all()
    assert (unit.code, unit.is_demo) == ("payments", False)
    assert list(Server.objects.all()) == [server]
    assert not build.is_loaded()
    assert client.get(reverse("web:demo")).status_code == 404
    assert client.get(reverse("web:server-list")).status_code == 200


def test_what_demo_people_had_in_hand_of_real_servers_goes_to_whoever_can_do_it(client):
    server, amara = ours(), person("amara")
    held = [
        register.open_by_hand(server, title=title, severity=1, dimension="provenance", by=person("lena"), now=NOW)
        for title in ("One", "Two")
    ]
    assert all(finding.owner and finding.owner.is_demo for finding in held)
    sign_in(client, amara)
    assert "and shuts out the demo people, but for you." in client.get(reverse("web:demo")).content.decode()

    removal.remove(by=amara, now=NOW)

    assert list(Finding.objects.values_list("owner", flat=True)) == [None, None]
    released = Event.objects.filter(verb="finding.released", object_id__in=[finding.pk for finding in held])
    assert {event.actor_label for event in released} == {amara.name}
    assert released.count() == 2
    wanted = {queue.title: queue.items for queue in client.get(reverse("web:home")).context["queues"]}
    assert [item.title for item in wanted["Roles that nobody has"]] == ["Analyst", "Approver"]


def test_a_real_analyst_gets_what_demo_people_had_in_hand_of_real_servers():
    server, lena = ours(), person("lena")
    finding = register.open_by_hand(server, title="One", severity=1, dimension="provenance", by=lena, now=NOW)
    assert finding.owner is not None
    assert finding.owner.is_demo
    real = analyst()

    removal.remove(by=person("amara"), now=NOW)

    assert Finding.objects.get(pk=finding.pk).owner == real
    assert Event.objects.filter(verb="finding.assigned", object_id=finding.pk).count() == 1


def test_only_an_administrator_removes_it():
    with pytest.raises(NotPermitted):
        removal.remove(by=person("priya"), now=NOW)

    assert build.is_loaded()


def test_keeps_real_records_beside_it():
    amara = person("amara")
    lena = analyst()
    vendor = relations.register_vendor(name="Ours", kinds=["cloud"], by=lena, now=NOW)

    removal.remove(by=amara, now=NOW)

    assert list(Vendor.objects.all()) == [vendor]
    assert User.objects.get(pk=lena.pk).is_active


def test_what_somebody_said_of_a_whole_unit_goes_with_it():
    lena = person("lena")
    hit = Hit.objects.filter(server__unit__in=access.of(lena).units_for(access.Capability.WRITE) or ()).earliest("pk")
    statements.state(hit, says="under_investigation", reason="We look.", scope="unit", by=lena, now=NOW)

    removal.remove(by=person("amara"), now=NOW)

    assert not Statement.objects.exists()


@pytest.mark.parametrize("is_over", [False, True])
def test_a_contract_of_yours_that_a_unit_of_it_signed_is_for_all_afterwards(is_over):
    nina = analyst()
    vendor = relations.register_vendor(name="Ours", kinds=["cloud"], by=nina, now=NOW)
    unit = Unit.objects.get(code="payments")
    contract = agreeing.draft(vendor, title="Cloud", for_unit=unit, by=nina, now=NOW)
    if is_over:
        contracts.end(contract, ended_on=TODAY, reason="It was not signed.", by=nina, now=NOW)
    sealing.seal(now=NOW)

    removal.remove(by=person("amara"), now=NOW)

    assert Contract.objects.get().for_unit is None
    assert checking.check().problems == []


def test_the_diary_leaves_the_present_to_whoever_tries_the_register():
    diary = Diary(until=timezone.make_aware(datetime.combine(TODAY, time(0, 5))))

    with pytest.raises(ValueError, match="ends yesterday"):
        diary.on(0, lambda: None)


def ours() -> Server:
    """Return a server that somebody registered in a demo unit while trying the register."""
    unit = Unit.objects.get(code="payments")
    return registration.register_server(unit=unit, name="com.example/ours", title="Ours", by=person("lena"), now=NOW)


def analyst() -> User:
    """Return a real analyst in the whole organisation."""
    return cast.person("nina", role="analyst", unit=None, now=NOW)
