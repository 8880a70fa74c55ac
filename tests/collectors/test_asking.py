"""What a look leaves on record: observations that go stale, findings that people judge, and answers that they take."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import QuerySet
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from assessments import lifecycle
from assessments.answers import answering, scored_lines, supports
from assessments.facts import comparing
from assessments.models import Answer, Assessment
from audit.context import SYSTEM
from collectors import ageing, asking, facts, plans, subjects, taking
from decisions.models import Approval
from evidence.models import Evidence
from findings.models import Finding
from inspection import inspecting
from jobs import runner
from jobs.models import Job
from monitoring import applying
from monitoring.models import FRESH, Collector, Observation, Run
from monitoring.observed import Look, Seen
from riskregister.refusals import Refused
from scoring.scales import Severity
from tests.api.caller import Caller
from tests.cast import NOON
from tests.collectors import documents
from tests.collectors.pages import Pages
from tests.containment import approved
from tests.containment.approved import Approved
from tests.inspection.scene import LOOPBACK
from tests.web.signed_in import as_
from vendors.models import Server, ServerSupplier, Vendor

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER, STALE = NOON + DAY, NOON + timedelta(days=60)
REMOTE = "https://mcp.example.com/weather/mcp"
TLS = "data_handling.tls_version"
OF_THE_VERSION = ("exists", "digest", "name", "offered", "attested", "published")


def looks() -> "QuerySet[Run]":
    """Return the looks, without the checks of what was captured."""
    return Run.objects.exclude(collector=Collector.CHECKS)


def server_of(here: Approved) -> Server:
    return Server.objects.get(pk=here.server.pk)


def alice(here: Approved) -> User:
    return here.scene.people.alice


def look(here: Approved, collector: str = "npm", *, now: datetime = LATER) -> Run:
    """Return a whole look, as a worker takes it."""
    run = applying.begin(asking.ask(server_of(here), collector=collector, by=alice(here), now=now), now=now)
    seen, raw = asking.perform(run, now=now)
    asking.apply(run, seen, raw, now=now)
    return Run.objects.get(pk=run.pk)


def see(here: Approved, collector: str, *seen: Seen, now: datetime = LATER, raw: str = "") -> Run:
    """Put on record that a look saw this, whatever there is; `raw` is what it rests on, else it has the moment."""
    run = applying.begin(asking.ask(server_of(here), collector=collector, by=alice(here), now=now), now=now)
    found = Look(outcome=Run.Status.COMPLETE, raw=raw or f'{{"at": "{now}"}}', seen=seen)
    asking.apply(run, found, asking.keep(found, now=now), now=now)
    return Run.objects.get(pk=run.pk)


def tls(fact: str, severity: Severity | None = None) -> Seen:
    return Seen(f"versions:{REMOTE}", f"TLS at {REMOTE}", fact, severity=severity, fact=fact, holds=True)


def of_one_vendor(here: Approved) -> Server:
    """Return another server of the vendor, whose website nobody answers at, that publishes the approved one."""
    vendor = here.scene.vendor
    Vendor.objects.filter(pk=vendor.pk).update(website="https://localhost")
    ServerSupplier.objects.get_or_create(server=here.server, vendor=vendor, role="publisher")
    return here.scene.another_server(publisher=vendor)


def maintained_by(registry: Pages, *names: str) -> None:
    document = documents.npm() | {"maintainers": [{"name": name} for name in names]}
    registry.put("/@example%2Fweather", document)


def found(here: Approved, prefix: str = "npm.") -> list[Finding]:
    rows = Finding.objects.filter(server=here.server, source="monitoring", stable_key__startswith=prefix)
    return list(rows.order_by("number"))


class Draft:
    """An open assessment of the approved server on the second set of questions."""

    def __init__(self, here: Approved) -> None:
        """Start it."""
        self.here = here
        self.assessment = lifecycle.start(server_of(here), kind="periodic", by=alice(here), now=LATER)

    def row(self, key: str = TLS) -> Answer:
        rows = Answer.objects.named(key).select_related("question", "option", "deployment", "assessment__server")
        return rows.get(assessment=self.assessment)

    def shown(self, key: str = TLS) -> str:
        row = self.row(key)
        one = comparing.shown(row, row.assessment)
        return one.option if one else ""

    def say(self, option: str) -> Answer:
        row = self.row()
        return answering.answer(
            row, choice="option", option_key=option, version=row.version, event_on=LATER.date(),
            by=alice(self.here), now=LATER,
        )  # fmt: skip


class Looks(TestCase):
    """An approved server whose package stands in a mirror of npm, at which this installation looks."""

    here: Approved
    registry: Pages

    @classmethod
    def setUpTestData(cls) -> None:
        cls.here = approved.set_up()

    @pytest.fixture(autouse=True)
    def mirror(self, running: Pages) -> Iterator[None]:
        """Give the mirror, as it is at first."""
        running.pages.clear()
        running.put("/@example%2Fweather", documents.npm())
        self.registry = running
        with override_settings(OUTBOUND_ALLOW=LOOPBACK, NPM_URL=running.url):
            yield


class OnRecord(Looks):
    """What looks leave on record."""

    def test_a_look_is_kept_with_what_it_rests_on(self):
        registry = self.registry
        here = self.here
        run = look(here)

        assert (run.status, run.why, run.address) == (Run.Status.COMPLETE, "", registry.url)
        assert run.release == here.release
        assert run.raw is not None
        assert str(run) == f"Look-up in npm of {here.server}"
        assert set(run.observations.values_list("key", flat=True)) == {
            *(f"{kind}:npm @example/weather 1.2.3" for kind in OF_THE_VERSION),
            "cadence:@example/weather", "owners:@example/weather",
        }  # fmt: skip
        assert found(here) == []

    def test_a_job_looks_without_a_transaction(self):
        here = self.here
        monkeypatch = pytest.MonkeyPatch()
        self.addCleanup(monkeypatch.undo)
        seen: list[bool] = []
        perform = asking.perform

        def watched(run: Run, *, now: datetime) -> Any:
            seen.append(transaction.get_connection().in_atomic_block)
            return perform(run, now=now)

        monkeypatch.setattr(asking, "perform", watched)
        asking.ask(server_of(here), collector="npm", by=alice(here), now=timezone.now())
        atomic_outside = transaction.get_connection().in_atomic_block
        runner.run_due(now=timezone.now())

        assert seen == [atomic_outside]
        assert Run.objects.get(collector="npm").status == Run.Status.COMPLETE

    def test_asking_twice_is_one_look(self):
        here = self.here
        first, second = (asking.ask(server_of(here), collector="npm", by=alice(here), now=NOON) for _ in range(2))

        assert first == second
        assert Job.objects.filter(kind=asking.JOB).count() == 1
        other = asking.ask(server_of(here), collector="tls", by=alice(here), now=NOON)
        assert other != first

    def test_a_failed_look_changes_nothing_that_was_known(self):
        registry = self.registry
        here = self.here
        look(here)
        rows = Observation.objects.order_by("key").values_list("key", "value", "is_seen", "last_seen_at")
        known = list(rows)
        registry.put("/@example%2Fweather", b"", status=500)
        run = look(here, now=LATER + DAY)

        assert (run.status, run.code) == (Run.Status.FAILED, "declined")
        assert list(rows.all()) == known

    def test_another_artefact_than_is_pinned_is_a_critical_finding_that_people_judge(self):
        here = self.here
        here.release.packages.update(integrity=documents.OTHER_SHA512)
        look(here)

        [finding] = found(here)
        assert (finding.status, finding.severity, finding.dimension) == ("proposed", Severity.CRITICAL, "provenance")
        assert finding.title == "The registry serves another artefact than the one that is pinned"
        assert "npm @example/weather 1.2.3 is another artefact than is pinned" in finding.description
        row = Observation.objects.get(key="digest:npm @example/weather 1.2.3")
        assert (row.finding, row.holds) == (finding, False)

    def test_what_is_set_right_is_seen_no_more_and_people_close_it(self):
        registry = self.registry
        here = self.here
        here.release.packages.update(integrity=documents.SHA512)
        registry.put("/@example%2Fweather", documents.npm(dist={"integrity": documents.OTHER_SHA512}))
        look(here)
        registry.put("/@example%2Fweather", documents.npm())
        look(here, now=LATER + DAY)

        [finding] = found(here)
        assert (finding.status, finding.is_observed) == ("proposed", False)

    def test_a_failed_look_leaves_its_finding_observed(self):
        registry = self.registry
        here = self.here
        here.release.packages.update(integrity=documents.OTHER_SHA512)
        look(here)
        registry.put("/@example%2Fweather", b"", status=503)
        look(here, now=LATER + DAY)

        assert [one.is_observed for one in found(here)] == [True]

    def test_other_owners_than_at_the_approval_are_told_until_a_new_approval(self):
        registry = self.registry
        here = self.here
        look(here)
        maintained_by(registry, "mia", "eve")
        look(here, now=LATER + DAY)
        look(here, now=LATER + 2 * DAY)

        [finding] = found(here)
        changed = Observation.objects.get(key="owners_changed:@example/weather")
        assert (finding.severity, changed.value) == (Severity.MEDIUM, "mia, noah before, eve, mia now")
        assert finding.is_observed

        here.scene.approved(server_of(here), at=LATER + 3 * DAY)
        look(here, now=LATER + 4 * DAY)
        assert [one.is_observed for one in found(here)] == [False]

    def test_owners_that_are_back_are_told_no_more_and_others_are_told_again(self):
        registry = self.registry
        here = self.here
        look(here)
        for day, names in enumerate((("eve",), ("mia", "noah"), ("mallory",)), start=1):
            maintained_by(registry, *names)
            look(here, now=LATER + day * DAY)

        changed = Observation.objects.get(key="owners_changed:@example/weather")
        assert (changed.is_seen, changed.value) == (True, "mia, noah before, mallory now")
        assert [one.is_observed for one in found(here)] == [False, True]

    def test_owners_are_no_change_before_somebody_approved(self):
        registry = self.registry
        here = self.here
        Approval.objects.filter(server=here.server).update(status=Approval.Status.SUPERSEDED)
        look(here)
        maintained_by(registry, "eve")
        look(here, now=LATER + DAY)
        assert not Observation.objects.filter(key__startswith="owners_changed").exists()

    def test_what_was_seen_of_another_version_or_address_is_no_fact_of_the_release(self):
        here = self.here
        see(
            here, "tls",
            Seen("versions:https://other.example/mcp", "TLS", fact="tls_old", holds=True),
        )  # fmt: skip
        see(here, "npm", Seen("digest:npm @example/weather 9.9.9", "Artefact", fact="artefact_as_pinned", holds=False))
        assert list(facts.of(here.release, LATER)) == []

    def test_what_the_domain_of_a_former_publisher_said_is_no_fact_of_the_release(self):
        here = self.here
        of_one_vendor(here)
        see(here, "security_txt", Seen("channel:localhost", "A contact", "tel:1", fact="private_channel", holds=True))
        assert [one.fact for one in facts.of(here.release, LATER)] == ["private_channel"]
        Vendor.objects.filter(pk=here.scene.vendor.pk).update(website="https://example.net")
        assert list(facts.of(here.release, LATER)) == []

    def test_an_answer_in_force_that_a_look_shows_to_be_otherwise_is_a_finding(self):
        """Of the answers that were frozen: the first set says TLS 1.3 only, without a word of the register then."""
        here = self.here
        final = Assessment.objects.get(server=here.server, status=Assessment.Status.FINAL)
        see(here, "tls", tls("tls_12_strong"))

        [finding] = found(here, "tls.answer:")
        assert finding.status == "proposed"
        assert finding.title == "Seen otherwise than answered: Connection to the server is not protected"
        assert final.known.get("data_handling.transport", {}).get("contradicts", {}) == {}
        see(here, "tls", tls("tls_13_only"), now=LATER + DAY)
        assert [one.is_observed for one in found(here, "tls.answer:")] == [False]

    def test_a_fault_is_not_told_a_second_time_as_an_answer(self):
        here = self.here
        see(here, "tls", tls("tls_old", Severity.HIGH))
        assert [one.title for one in found(here, "tls.")] == ["The address takes weak encryption"]

    def test_nothing_is_looked_up_where_it_is_switched_off_or_nothing_is_there(self):
        here = self.here
        server = server_of(here)
        server.repository_url = ""
        for settings, collector, words in (
            ({"COLLECT": "off"}, "npm", "RISKREGISTER_COLLECT"),
            ({"NPM_URL": ""}, "npm", "RISKREGISTER_NPM_URL"),
            ({}, "pypi", "None of its packages comes from there"),
            ({}, "security_txt", "No website of its publisher is recorded"),
            ({}, "registry", "No release of it came with a word of the registry"),
            ({}, "scorecard", "RISKREGISTER_SCORECARD_URL"),
            ({"SCORECARD_URL": "https://mirror.example"}, "scorecard", "No repository of it is recorded"),
            ({}, "inspection", "Choose what looks: npm, pypi"),
        ):
            with override_settings(**settings), pytest.raises(Refused, match=words):
                asking.ask(server, collector=collector, by=alice(here), now=NOON)
        assert not looks().exists()

    def test_packages_of_another_registry_and_moving_versions_are_not_looked_up(self):
        here = self.here
        for name, version, base in (
            ("of-a-vendor", "1.0.0", "https://npm.vendor.example"),
            ("moving", "latest", ""),
            ("of-npm", "1.0.0", "https://registry.npmjs.org"),
        ):
            here.release.packages.create(
                registry_type="npm", identifier=name, version=version, registry_base_url=base, transport="stdio"
            )
        asked = [one.ref for one in subjects.packages_of(here.release) if one.registry == "npm"]
        assert asked == ["npm @example/weather 1.2.3", "npm of-npm 1.0.0"]

    def test_the_schedule_looks_at_a_domain_once_for_all_servers_of_a_vendor(self):
        here = self.here
        there = of_one_vendor(here)
        contact = Seen("expires:localhost", "A contact", "tel:1", Severity.LOW, "private_channel", True)
        first = see(here, "security_txt", contact)
        at = LATER + timedelta(hours=23)
        run = applying.begin(asking.ask_to_wait(there, collector="security_txt", by=SYSTEM, now=at), now=at)
        seen, raw = asking.perform(run, now=at)

        assert (seen.outcome, seen.as_of, seen.seen, raw) == (
            Run.Status.COMPLETE,
            first.ended_at,
            (contact,),
            first.raw,
        )
        asking.apply(run, seen, raw, now=at)
        assert Run.objects.get(pk=run.pk).fresh_until == first.fresh_until

    def test_who_asks_by_hand_and_who_asks_a_day_later_gets_a_look_of_their_own(self):
        """Nobody answers at the address: a look of its own is not assessed."""
        here = self.here
        there = of_one_vendor(here)
        see(here, "security_txt", Seen("channel:localhost", "A contact", "tel:1"))
        for by, now in ((alice(here), LATER), (SYSTEM, LATER + timedelta(hours=25))):
            run = applying.begin(asking.ask_to_wait(there, collector="security_txt", by=by, now=now), now=now)
            seen, raw = asking.perform(run, now=now)
            assert (seen.code, raw) == ("not_reached", None)
            asking.apply(run, seen, raw, now=now)

    def test_the_schedule_asks_by_tier_for_what_there_is(self):
        here = self.here
        Server.objects.filter(pk=here.server.pk).update(inherent_tier=2)
        assert asking.ask_all_due(now=NOON) == 0
        with override_settings(COLLECT="scheduled"):
            assert [collector for _key, collector in asking.due(now=NOON)] == ["authentication", "npm", "tls"]
            assert asking.ask_all_due(now=NOON) == 3
            assert asking.due(now=NOON + 2 * DAY) == []
            assert len(asking.due(now=NOON + 3 * DAY)) == 3
            Server.objects.filter(pk=here.server.pk).update(status=Server.Status.RETIRED)
            assert asking.due(now=NOON + 3 * DAY) == []

    def test_a_look_in_vain_is_asked_for_again_after_an_hour_and_then_after_two(self):
        here = self.here
        with override_settings(COLLECT="scheduled"):
            for at, pause in ((NOON, HOUR), (NOON + HOUR, 2 * HOUR)):
                run = asking.ask(server_of(here), collector="npm", by=alice(here), now=at)
                failed = Look(outcome=Run.Status.FAILED, code="declined", why="It answered 503.")
                asking.apply(applying.begin(run, now=at), failed, None, now=at)
                assert "npm" not in [one for _key, one in asking.due(now=at + pause - timedelta(seconds=1))]
                assert "npm" in [one for _key, one in asking.due(now=at + pause)]

    def test_a_look_that_nobody_takes_any_more_is_ended(self):
        here = self.here
        asking.ask_to_wait(server_of(here), collector="tls", by=SYSTEM, now=NOON)
        assert asking.note_lost(now=NOON + timedelta(minutes=14)) == 0
        assert inspecting.note_lost(now=NOON + timedelta(minutes=16)) == 0
        assert asking.note_lost(now=NOON + timedelta(minutes=16)) == 1
        assert looks().get().code == "interrupted"

    def test_the_command_looks_and_says_what_it_saw(self):
        registry = self.registry
        here = self.here
        out = StringIO()
        call_command("collect", here.server.ref, "npm", stdout=out)

        assert f"Look-up in npm of {here.server}: complete." in out.getvalue()
        assert "Build attestation of npm @example/weather 1.2.3: present, not verified" in out.getvalue()
        registry.put("/@example%2Fweather", b"", status=500)
        with pytest.raises(CommandError, match=r"Not assessed\. Look-up in npm of .*: 127\.0\.0\.1 answered 500\."):
            call_command("collect", here.server.ref, "npm", stdout=out)
        with pytest.raises(CommandError, match="There is no server S-999"):
            call_command("collect", "S-999", stdout=out)

    def test_the_page_says_of_each_look_what_was_seen_and_what_was_not(self):
        here = self.here
        here.release.packages.update(integrity=documents.OTHER_SHA512)
        look(here, now=timezone.now())
        client = as_(alice(here))
        page = " ".join(client.get(reverse("web:server-seen", args=[here.server.pk])).content.decode().split())

        assert "npm @example/weather 1.2.3 is another artefact than is pinned" in page
        assert found(here)[0].ref in page
        assert "Nobody has looked yet." in page
        assert "No website of its publisher is recorded. Record it with the vendor." in page
        Observation.objects.update(last_seen_at=timezone.now() - timedelta(days=46))
        stale = client.get(reverse("web:server-seen", args=[here.server.pk])).content.decode()
        assert "Stale: counts no more" in stale

    def test_the_page_asks_for_the_looks_that_are_chosen(self):
        here = self.here
        client = as_(alice(here))
        url = reverse("web:server-collect", args=[here.server.pk])
        assert client.get(url).content.decode().count('name="looks"') == 3
        client.post(url, {"looks": ["npm", "tls"]})

        assert sorted(looks().values_list("collector", "asked_by__name")) == [
            ("npm", alice(here).name), ("tls", alice(here).name),
        ]  # fmt: skip

    def test_the_api_asks_for_a_look_and_lists_what_was_seen(self):
        here = self.here
        caller = Caller(alice(here))
        asked = caller.post(f"/servers/{here.server.pk}/collect/", collector="npm")
        assert (asked.status_code, asked.json()["collector"]) == (202, "npm")
        run = applying.begin(looks().get(), now=timezone.now())
        seen, raw = asking.perform(run, now=timezone.now())
        asking.apply(run, seen, raw, now=timezone.now())

        rows = caller.read(f"/observations/?server={here.server.pk}&collector=npm")["results"]
        by_key = {row["key"]: row for row in rows}
        digest = by_key["digest:npm @example/weather 1.2.3"]
        assert (digest["state"], digest["is_assessed"], digest["fact"], digest["holds"]) == ("fresh", True, "", None)
        offered = by_key["offered:npm @example/weather 1.2.3"]
        assert (offered["fact"], offered["holds"]) == ("package_offered", True)

    def test_each_plan_is_of_a_collector_that_has_a_time_for_which_it_counts(self):
        assert set(FRESH) == set(Collector)
        done_otherwise = {Collector.INSPECTION, Collector.CHECKS, Collector.SCANNER}
        compared = {Collector.COMPOSITION, Collector.INTELLIGENCE}
        assert set(plans.collectors()) == set(Collector) - done_otherwise - compared


@override_settings(QUESTION_SET=0)
class BesideAnOpenAssessment(Looks):
    """What looks are to an assessment that is open, on the second set of questions."""

    draft: Draft

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.draft = Draft(cls.here)

    def test_what_a_look_shows_stands_beside_the_question_at_once(self):
        here = self.here
        draft = self.draft
        assert draft.shown() == ""
        see(here, "tls", tls("tls_12_strong"))

        assert draft.shown() == "tls12_strong"
        against = comparing.contradiction(draft.say("tls13_only"), draft.row().assessment)
        assert against is not None
        assert against.says == f"TLS at {REMOTE}: tls_12_strong, as seen on {LATER:%-d %b %Y}."

    def test_a_person_takes_it_with_the_look_as_evidence_of_level_3(self):
        here = self.here
        draft = self.draft
        run = see(here, "tls", tls("tls_13_only"))
        row = draft.row()
        assert row.choice == ""
        taking.take(row, version=row.version, by=alice(here), now=LATER)

        row = draft.row()
        assert (row.option and row.option.key, row.event_on, row.edited_by) == ("tls13_only", LATER.date(), alice(here))
        [evidence] = row.evidence.all()
        assert (evidence.issuer, evidence.kind, evidence.blob) == (Evidence.Issuer.REGISTER, "file", run.raw)
        assert (evidence.issued_on, evidence.valid_until) == (LATER.date(), (LATER + timedelta(days=45)).date())
        answers = scored_lines.answers_of(draft.assessment)
        [support] = supports.of(next(one for one in answers if one.key == TLS))
        assert (support.state(today=LATER.date()), support.state(today=STALE.date())) == ("collected", "expired")

    def test_its_level_falls_when_the_look_is_old(self):
        here = self.here
        draft = self.draft
        see(here, "tls", tls("tls_13_only"))
        row = draft.row()
        taking.take(row, version=row.version, by=alice(here), now=LATER)
        row = next(one for one in scored_lines.answers_of(draft.assessment) if one.key == TLS)
        levels = [
            scored_lines.line_of(row, draft.assessment, today=(LATER + timedelta(days=days)).date()).evidence_level
            for days in (0, 45, 46)
        ]
        assert levels == [3, 3, 2]

    def test_a_stale_look_shows_contradicts_and_gives_nothing(self):
        here = self.here
        draft = self.draft
        see(here, "tls", tls("tls_12_only"))
        row = draft.row()
        with pytest.raises(taking.NothingShown):
            taking.take(row, version=row.version, by=alice(here), now=STALE)

        assert draft.row().choice == ""
        assert not Evidence.objects.filter(issuer=Evidence.Issuer.REGISTER).exists()
        assert list(facts.of(here.release, STALE)) == []
        assert [one.fact for one in facts.of(here.release, LATER)] == ["tls_12_only"]

    def test_an_open_assessment_lets_go_of_what_has_gone_stale(self):
        see(self.here, "tls", tls("tls_12_strong"))
        assert ageing.compare_anew(now=LATER + 45 * DAY) == 1
        assert self.draft.shown() == "tls12_strong"
        assert ageing.compare_anew(now=LATER + 46 * DAY) == 1
        assert self.draft.shown() == ""
        assert comparing.contradiction(self.draft.say("tls13_only"), self.draft.row().assessment) is None

    def test_a_scorecard_ages_from_its_own_day(self):
        here = self.here
        Server.objects.filter(pk=here.server.pk).update(repository_url="https://github.com/example/weather")
        made_on = LATER - 40 * DAY
        archived = documents.scorecard(("Maintained", 0, "project is archived"), date=made_on.isoformat())
        self.registry.put("/projects/github.com/example/weather", archived)
        with override_settings(SCORECARD_URL=self.registry.url):
            run = look(here, "scorecard")

        key = "operational_resilience.maintenance_outlook"
        assert (run.as_of, run.fresh_until) == (made_on, LATER + 5 * DAY)
        assert self.draft.shown(key) == "abandoned"
        row = self.draft.row(key)
        assert set(comparing.options(row, row.assessment)) == {"supported", "active", "one_person"}
        release = Server.objects.get(pk=here.server.pk).releases.get()
        assert [len(list(facts.of(release, LATER + days * DAY))) for days in (5, 6)] == [1, 0]
        taking.take(row, version=row.version, by=alice(here), now=LATER)
        [evidence] = self.draft.row(key).evidence.all()
        assert (evidence.issued_on, evidence.valid_until) == (made_on.date(), (LATER + 5 * DAY).date())

    def test_evidence_of_a_look_is_added_once_for_all_answers_that_rest_on_it(self):
        here = self.here
        draft = self.draft
        see(here, "tls", tls("tls_13_only"))
        for _ in range(2):
            row = draft.row()
            taking.take(row, version=row.version, by=alice(here), now=LATER)
        assert Evidence.objects.filter(issuer=Evidence.Issuer.REGISTER).count() == 1

    def test_a_later_look_that_sees_the_same_is_evidence_of_its_own(self):
        here = self.here
        draft = self.draft
        later = LATER + timedelta(days=40)
        for moment in (LATER, later):
            see(here, "tls", tls("tls_13_only"), now=moment, raw="{}")
            row = draft.row()
            taking.take(row, version=row.version, by=alice(here), now=moment)
        rows = Evidence.objects.filter(issuer=Evidence.Issuer.REGISTER).order_by("issued_on")
        days = [(one.issued_on, one.valid_until) for one in rows]
        assert days == [(moment.date(), (moment + timedelta(days=45)).date()) for moment in (LATER, later)]

    def test_the_api_takes_it_and_says_what_was_seen(self):
        here = self.here
        draft = self.draft
        now = timezone.now()
        see(here, "tls", tls("tls_13_only"), now=now)
        caller = Caller(alice(here))
        at = f"/assessments/{draft.assessment.pk}/answers/{TLS}/"
        before = caller.read(at)
        assert (before["seen"], before["choice"]) == ("tls13_only", "")
        after = caller.post(f"{at}take/", version=before["version"])
        assert (after.status_code, after.json()["option"]) == (200, "tls13_only")

    def test_the_page_of_the_question_offers_it(self):
        here = self.here
        draft = self.draft
        now = timezone.now()
        see(here, "tls", tls("tls_13_only"), now=now)
        client = as_(alice(here))
        url = reverse("web:assessment-dimension", args=[draft.assessment.pk, "data_handling"])
        assert f'value="take {TLS}"' in client.get(url).content.decode()
        client.post(url, {"then": f"take {TLS}"})
        assert str(draft.row()) == "TLS 1.3 only"
        assert f'value="take {TLS}"' not in client.get(url).content.decode()
