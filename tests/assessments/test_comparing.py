"""What the register knows stands beside the answers; one that says otherwise is marked, counts less, and caps."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils.html import strip_tags

from accounts import people as persons
from assessments import lifecycle
from assessments.answers import answering, scored_lines
from assessments.facts import comparing, register_facts
from assessments.facts.register_facts import Known
from assessments.models import Answer, Assessment
from catalogue import comparisons, questionnaire
from catalogue.comparisons import FACTS
from catalogue.models import Option
from catalogue.models import Question as Asked
from catalogue.questionnaire import Question
from decisions.approvals import preview
from decisions.ratings import ratings
from findings import remediation
from findings.models import Finding, FixClaim, Overlay
from reports.drawings import arithmetic
from riskregister.canonical import canonical
from scoring import deadlines, methodology, scoresheet
from tests import cast
from tests.api.caller import Caller
from tests.assessments import scenes
from tests.cast import NOON, TODAY
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors.models import Server
from vendors.models.deployment import FACTS as EXPOSURE_FACTS
from vendors.registering import deployments, importing, registration

TRANSPORT, TLS = "data_handling.transport", "data_handling.tls_version"
INVENTORY, HIDDEN = "permission_scope.tool_inventory", "permission_scope.hidden_instructions"
PINNED, OWNERSHIP = "provenance.pinned_artifact", "operational_resilience.ownership"
ACTIONS, SCAN = "permission_scope.consequential_actions", "security_posture.known_vulnerabilities"
PLAIN = "Not encrypted: http://weather.example.com/mcp."
NEVER = "The tools of 1.2.3 were never captured."

SETS = questionnaire.load().question_sets
COMPARED = [(published.version, one) for published in SETS for one in published.questions if one.compared]


def test_each_fact_is_compared_with_some_question() -> None:
    assert {row.fact for _version, question in COMPARED for row in question.compared} == set(FACTS)


def test_both_sets_compare() -> None:
    counted = {published.version: sum(bool(one.compared) for one in published.questions) for published in SETS}
    assert counted == {1: 18, 2: 23}


@for_each(
    ("row", "sentence"),
    [
        ({"fact": "charm"}, "compared: charm is not a fact that the register knows"),
        ({"fact": "published", "is": False}, "compared: published needs is and contradicts or shows together"),
        ({"fact": "published", "contradicts": ["a"]}, "compared: published needs is and contradicts or shows together"),
        ({"fact": "published", "is": False, "contradicts": ["z"]}, "compared: z is not an option"),
        ({"fact": "published", "is": False, "contradicts": ["c"]}, "compared: an answer that counts 0 is taken"),
        ({"fact": "published", "shows": "a"}, "compared: published needs is and contradicts or shows together"),
        ({"fact": "published", "is": True, "shows": "z"}, "compared: z is not an option that published can show"),
        (
            {"fact": "published", "is": True, "contradicts": ["a"], "shows": "a"},
            "compared: a is not an option that published can show",
        ),
        ({"fact": "published", "dates": True}, "compared: published dates the event, and the question is about none"),
    ],
)
def test_what_cannot_be_compared_is_refused(row: dict[str, Any], sentence: str) -> None:
    options = [{"key": "a", "value": 1}, {"key": "b", "value": "1/2"}, {"key": "c", "value": 0}]
    [problem] = comparisons.problems({"options": options, "compared": [row]})
    assert problem.startswith(sentence)


def test_a_comparison_is_no_part_of_what_is_asked() -> None:
    assert all("compared" not in one for one in questionnaire.plain(SETS[0])["dimensions"][0]["questions"])


def best(key: str) -> str:
    """Return the best answer to a question of the first set."""
    [question] = [one for published in SETS[:1] for one in published.questions if one.key == key]
    return max(question.options, key=lambda one: one.value).key


def compared(question: Question, *known: Known) -> dict[str, Any]:
    return comparing.beside_question(question, known, "")


def answered(question: Question, option: questionnaire.Option, known: dict[str, Any], on: date | None = None) -> Any:
    """Return an answer and its assessment as they are compared, without a database."""
    assessment = Assessment(known={question.key: known})
    chosen = Option(key=option.key, quarters=int(option.value * 4))
    return Answer(question=Asked(key=question.key), option=chosen, choice="option", event_on=on), assessment


@for_each(("version", "question"), COMPARED)
def test_saying_better_than_what_is_known_never_counts_more(version: int, question: Question) -> None:
    """Whatever the register knows, no option counts more than the best one that it does not contradict."""
    del version
    for comparison in question.compared:
        known = compared(question, Known(fact=comparison.fact, holds=comparison.holds, says="So."))
        honest = max(one.value for one in question.options if one.key not in known["contradicts"])
        for option in question.options:
            against = comparing.contradiction(*answered(question, option, known))
            counts = option.value if against is None else min(option.value, against.at_most)
            assert counts <= max(honest, 0 if option.key in comparison.contradicts else option.value), option.key
            assert (against is not None) == (option.key in comparison.contradicts), option.key
            assert against is None or (against.says, counts) == ("So.", min(option.value, honest))


@for_each(("version", "question"), COMPARED)
def test_what_is_not_known_contradicts_nothing(version: int, question: Question) -> None:
    del version
    for option in question.options:
        assert comparing.contradiction(*answered(question, option, compared(question))) is None
        opposite = compared(
            question, *(Known(fact=one.fact, holds=not one.holds, says="So.") for one in question.compared)
        )
        # Where one fact is compared both ways, its opposite contradicts other options.
        if len({one.fact for one in question.compared}) == len(question.compared):
            assert comparing.contradiction(*answered(question, option, opposite)) is None


def tls(*facts: str, run: str = "1") -> dict[str, Any]:
    """Return what stands beside the question on TLS while the register saw these facts."""
    [question] = [one for one in SETS[1].questions if one.key == TLS]
    return compared(question, *(Known(fact=one, holds=True, says=f"{one}.", run=run) for one in facts))


def test_what_a_look_shows_is_the_answer_and_of_two_the_worse() -> None:
    assert tls("tls_13_only")["shows"] == {"option": "tls13_only", "says": 0, "run": "1"}
    assert tls("tls_13_only", "tls_weak_ciphers")["shows"]["option"] == "weak_ciphers"
    assert tls("tls_old")["shows"]["option"] == "old_tls"


def test_what_no_look_saw_shows_no_answer() -> None:
    assert "shows" not in tls("tls_13_only", run="")
    assert "shows" not in tls()


class NothingIsRight(TestCase):
    """A server with a remote at http:// and a moving package, without captured tools and owner."""

    scene: scenes.Scene
    server: Server

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        people = cls.scene.people
        package = json.loads(cast.server_json())["packages"][0]
        del package["version"]
        text = cast.server_json(
            packages=[package], remotes=[{"type": "streamable-http", "url": "http://weather.example.com/mcp"}]
        )
        cls.server, _release = importing.import_server_json(text, unit=people.payments, by=people.alice, now=NOON)
        registration.set_exposure(cls.server, facts=cast.EXPOSURE, by=people.alice, now=NOON)

    def draft(self, **options: str) -> Assessment:
        """Return a draft with the best answers, which claim more than is on record."""
        draft = lifecycle.start(self.server, kind="initial", by=self.scene.people.alice, now=NOON)
        named = {key.replace("__", "."): option for key, option in options.items()}
        scenes.fill_in(draft, by=self.scene.people.alice, at=NOON, choices=named)
        return draft

    def submitted(self, **options: str) -> Assessment:
        return lifecycle.submit(self.draft(**options), by=self.scene.people.alice, now=NOON)

    def final(self, **options: str) -> Assessment:
        assessment = self.submitted(**options)
        self.scene.finalise(assessment)
        return Assessment.objects.get(pk=assessment.pk)

    def planned(self, key: str) -> Finding:
        """Return the finding of a question, which is being remediated."""
        finding = Finding.objects.get(server=self.server, stable_key=key)
        alice = self.scene.people.alice
        remediation.plan(finding, description="Do it.", target_on=TODAY, by=alice, now=NOON)
        return finding

    def test_says_what_it_knows(self) -> None:
        release = self.server.releases.get()
        known = {one.fact: (one.holds, one.says) for one in register_facts.gather(self.server, release, [], now=NOON)}
        assert known == {
            "packages_pinned": (
                False,
                "npm @example/weather: It names no version: another one may be installed tomorrow.",
            ),
            "addresses_encrypted": (False, PLAIN),
            "tools_captured": (False, NEVER),
            "credential_required": (True, "1.2.3 names a credential that it needs."),
            "owner_named": (False, "Nobody owns the server."),
            "person_asked": (True, "Exposure of the server: a person approves before it acts."),
            "egress_listed": (True, "Exposure of the server: it reaches listed hosts only, or none."),
            "credentials_own": (True, "Exposure of the server: its credentials are its own, or it has none."),
        }

    def test_an_answer_that_says_otherwise_raises_its_finding_which_quotes_what_is_known(self) -> None:
        self.final()
        found = dict(Finding.objects.filter(server=self.server).values_list("stable_key", "answer_text"))
        assert set(found) == {TRANSPORT, INVENTORY, HIDDEN, OWNERSHIP, PINNED, "permission_scope.annotations_truthful"}
        assert found[INVENTORY] == (
            "Raw lists captured with the agents' scopes, and each tool described by an analyst "
            f"(the register knows otherwise: {NEVER.rstrip('.')})"
        )
        transport = Finding.objects.get(server=self.server, stable_key=TRANSPORT)
        assert (transport.status, transport.severity, transport.source) == ("open", 1, "questionnaire")

    def test_it_counts_no_more_than_what_nothing_contradicts(self) -> None:
        lines = self.final().snapshot.score.by_question
        assert {key: str(lines[key].line.value) for key in (TRANSPORT, INVENTORY, HIDDEN, PINNED, OWNERSHIP)} == {
            TRANSPORT: "0", INVENTORY: "1/4", HIDDEN: "1/4", PINNED: "0", OWNERSHIP: "1/4",
        }  # fmt: skip
        assert lines[TRANSPORT].line.contradicted
        assert not lines["provenance.source_available"].line.contradicted

    def test_a_fix_that_it_contradicts_is_not_claimed(self) -> None:
        self.final()
        finding = self.planned(TRANSPORT)
        with pytest.raises(remediation.FixInvalid) as refused:
            remediation.claim_fixed(
                finding, note="Done.", new_option_key=best(TRANSPORT), by=self.scene.people.alice, now=NOON
            )
        assert str(refused.value).startswith(f"The register knows otherwise: {PLAIN} ")
        assert Finding.objects.get(pk=finding.pk).status == "remediating"

    def test_a_fix_that_it_contradicts_by_now_is_not_passed_and_can_be_failed(self) -> None:
        self.final()
        people, finding = self.scene.people, self.planned(OWNERSHIP)
        erin = cast.person("erin", role="analyst", unit=people.payments)
        registration.edit_server(self.server, changes={"owner": erin}, by=people.alice, now=NOON)
        claim = remediation.claim_fixed(
            finding, note="Done.", new_option_key=best(OWNERSHIP), by=people.alice, now=NOON
        )
        persons.deactivate(erin, by=people.ada, now=NOON)
        with pytest.raises(remediation.FixInvalid, match=r"Erin owns the server, and has left\."):
            remediation.pass_fix(claim, note="Seen.", by=people.bob, now=NOON)
        assert not Overlay.objects.exists()
        claim = FixClaim.objects.select_related("finding").get()
        remediation.fail_fix(claim, note="Nobody owns it.", by=people.bob, now=NOON)
        assert Finding.objects.get(pk=finding.pk).status == "remediating"

    def put_aside(self, draft: Assessment, *keys: str) -> None:
        for row in Answer.objects.filter(assessment=draft, question__key__in=keys).select_related("question"):
            answering.answer(
                row,
                choice="not_applicable",
                reason="No remote.",
                version=row.version,
                by=self.scene.people.alice,
                now=NOON,
            )

    def test_what_is_put_aside_while_the_register_knows_that_it_applies_fails_and_is_shown_everywhere(self) -> None:
        knows = "The release offers a remote (Streamable HTTP or SSE)."
        draft, alice = self.draft(), Caller(self.scene.people.alice)
        self.put_aside(draft, TRANSPORT)
        pages = as_(self.scene.people.alice)
        for page in (
            reverse("web:assessment-dimension", args=[draft.pk, "data_handling"]),
            reverse("web:assessment-check", args=[draft.pk]),
        ):
            assert f"The register knows otherwise:</strong> {knows}" in pages.get(page).content.decode(), page
        read = alice.read(f"/assessments/{draft.pk}/answers/{TRANSPORT}/")
        assert read["contradicted"] == knows
        lifecycle.submit(draft, by=self.scene.people.alice, now=NOON)
        review = as_(self.scene.people.bob).get(reverse("web:assessment-review", args=[draft.pk])).content.decode()
        assert f"The register knows otherwise:</strong> {knows}" in review
        assert "To confirm: does not apply" not in review
        [row] = Answer.objects.filter(assessment=draft, question__key=TRANSPORT).select_related(
            "question", "assessment"
        )
        answering.confirm_not_applicable(row, by=self.scene.people.bob, now=NOON)
        frozen = self.scene.finalise(draft)
        line = frozen.score.by_question[TRANSPORT]
        assert (line.applies, str(line.credit), line.line.contradicted) == (True, "0", True)
        [answer] = [one for one in frozen.data["answers"] if one["question"] == TRANSPORT]
        assert answer["contradicted"] == {"says": knows, "worth": None}
        assert canonical(scoresheet.write(scoresheet.recompute(frozen.data["sheet"]))) == canonical(
            frozen.data["sheet"]
        )
        finding = Finding.objects.get(server=self.server, stable_key=TRANSPORT)
        assert finding.answer_text == f"Not applicable (the register knows otherwise: {knows.rstrip('.')})"
        assert not finding.is_information_gap
        caps = {(cap.id, cap.subject) for cap in ratings.current(self.server, now=NOON).caps}
        assert {("critical-question", TRANSPORT), ("contradicted", TRANSPORT)} <= caps
        numbers = {one["question"]: place for place, one in enumerate(frozen.data["answers"], start=1)}
        [printed] = [
            one
            for part in arithmetic.dimensions(frozen.data, methodology.load(), numbers=numbers)
            for one in part.lines
            if one.question == TRANSPORT
        ]
        text = strip_tags(render_to_string("reports/assessment/line.html", {"line": printed, "numbers": numbers}))
        assert f"The register knew otherwise: {knows} It applies, and counts 0." in " ".join(text.split())
        assert "Not confirmed" not in text

    def test_what_a_fact_of_the_thing_itself_denies_is_not_put_aside_and_the_rest_stays_a_judgement(self) -> None:
        draft = self.draft()
        self.put_aside(draft, OWNERSHIP, PINNED, "provenance.source_available")
        rows = {
            row.key: comparing.contradiction(row, draft)
            for row in Answer.objects.filter(assessment=draft, choice="not_applicable").select_related("question")
        }
        against = rows.pop(OWNERSHIP)
        assert against is not None
        assert (against.says, str(against.at_most)) == ("Nobody owns the server.", "0")
        # That the release has a package says nothing of a deployment, and the source is asked of every server.
        assert rows == {PINNED: None, "provenance.source_available": None}

    def test_an_honest_answer_counts_the_same_and_is_no_contradiction(self) -> None:
        line = self.final(permission_scope__tool_inventory="vendor_list").snapshot.score.by_question[INVENTORY].line
        assert (str(line.value), line.contradicted) == ("1/4", False)
        assert INVENTORY not in {cap.subject for cap in ratings.current(self.server, now=NOON).caps}

    def test_from_weight_3_on_it_caps_the_rating_before_and_after_it_is_final(self) -> None:
        submitted = self.submitted()
        would_be = preview.if_final(submitted, scored_lines.answers_of(submitted), now=NOON)
        self.scene.finalise(submitted)
        for rating in (would_be, ratings.current(self.server, now=NOON)):
            caps = {cap.subject: int(cap.at_most) for cap in rating.caps if cap.id == "contradicted"}
            assert caps == dict.fromkeys((TRANSPORT, INVENTORY, HIDDEN, PINNED), 59)

    def test_what_is_put_right_while_it_is_open_is_known_at_once(self) -> None:
        draft = self.draft()
        row = Answer.objects.select_related("question", "option").get(assessment=draft, question__key=OWNERSHIP)
        against = comparing.contradiction(row, draft)
        assert against is not None
        assert against.says == "Nobody owns the server."
        alice = self.scene.people.alice
        registration.edit_server(self.server, changes={"owner": alice}, by=alice, now=NOON)
        fresh = Assessment.objects.get(pk=draft.pk)
        assert (comparing.contradiction(row, fresh), comparing.beside(row, fresh)) == (None, ["Alice owns the server."])

    def test_an_owner_who_has_left_is_noticed_when_it_is_submitted(self) -> None:
        people = self.scene.people
        erin = cast.person("erin", role="analyst", unit=people.payments)
        registration.edit_server(self.server, changes={"owner": erin}, by=people.alice, now=NOON)
        draft = self.draft()
        persons.deactivate(erin, by=people.ada, now=NOON)
        lifecycle.submit(draft, by=people.alice, now=NOON)
        row = Answer.objects.select_related("question", "option").get(assessment=draft, question__key=OWNERSHIP)
        against = comparing.contradiction(row, draft)
        assert against is not None
        assert against.says == "Erin owns the server, and has left."

    def test_the_worksheet_the_check_the_review_and_the_snapshot_show_it(self) -> None:
        knows = "The register knows otherwise:</strong>"
        alice, bob = as_(self.scene.people.alice), as_(self.scene.people.bob)
        draft = self.draft()
        sheet = alice.get(reverse("web:assessment-dimension", args=[draft.pk, "data_handling"])).content.decode()
        assert sheet.count(f"{knows} {PLAIN}") == 1
        assert sheet.count("The register knows otherwise: it counts less, and raises the finding.") == 3
        check = alice.get(reverse("web:assessment-check", args=[draft.pk])).content.decode()
        assert f"{knows} {PLAIN}" in check
        lifecycle.submit(draft, by=self.scene.people.alice, now=NOON)
        review = bob.get(reverse("web:assessment-review", args=[draft.pk])).content.decode()
        assert f"{knows} {PLAIN}" in review
        frozen = self.scene.finalise(draft).data
        rows = {row["question"]: row for row in frozen["answers"]}
        assert (rows[TRANSPORT]["register"], rows[TRANSPORT]["contradicted"]) == (
            [PLAIN],
            {"says": PLAIN, "worth": "1"},
        )
        assert {"register", "contradicted"}.isdisjoint(rows["provenance.signed_releases"])
        assert canonical(scoresheet.write(scoresheet.recompute(frozen["sheet"]))) == canonical(frozen["sheet"])

    def test_the_api_says_it_of_each_answer(self) -> None:
        draft, alice = self.draft(), Caller(self.scene.people.alice)
        rows = {row["key"]: row for row in alice.read(f"/assessments/{draft.pk}/answers/")}
        assert (rows[TRANSPORT]["register"], rows[TRANSPORT]["contradicted"]) == ([PLAIN], PLAIN)
        one = alice.read(f"/assessments/{draft.pk}/answers/provenance.signed_releases/")
        assert (one["register"], one["contradicted"]) == ([], "")

    def test_the_report_prints_it_beside_the_answer_and_what_that_counts(self) -> None:
        frozen = self.final().snapshot.data
        numbers = {row["question"]: place for place, row in enumerate(frozen["answers"], start=1)}
        printed = arithmetic.dimensions(frozen, methodology.load(), numbers=numbers)
        lines = {line.question: line for dimension in printed for line in dimension.lines}

        def printed_of(question: str) -> str:
            shown = render_to_string("reports/assessment/line.html", {"line": lines[question], "numbers": numbers})
            return " ".join(strip_tags(shown).split())

        assert f"The register knew otherwise: {NEVER} It counts as 1/4 at most, not 1." in printed_of(INVENTORY)
        assert "The register: Exposure of the server: a person approves before it acts." in printed_of(ACTIONS)
        assert "register" not in printed_of("provenance.signed_releases")


@override_settings(QUESTION_SET=0)
class OnTheSecondSet(TestCase):
    scene: scenes.Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()

    def against(self, draft: Assessment, key: str, option: str, on: date | None = None) -> str:
        row = Answer.objects.named(key).select_related("question", "deployment").get(assessment=draft)
        answer = answering.answer(
            row, choice="option", option_key=option, version=row.version, event_on=on,
            by=self.scene.people.alice, now=NOON,
        )  # fmt: skip
        found = comparing.contradiction(answer, Assessment.objects.get(pk=draft.pk))
        return found.says if found else ""

    def test_each_deployment_is_compared_with_its_own_facts(self) -> None:
        alice, facts = self.scene.people.alice, dict.fromkeys(EXPOSURE_FACTS, "high")
        asked, free = (
            deployments.add_deployment(
                self.scene.server, name=name, environment="production", agent=name,
                by=alice, now=NOON, **facts | {"autonomy": autonomy},
            )
            for name, autonomy in (("Desk", "low"), ("Night", "severe"))
        )  # fmt: skip
        draft = lifecycle.start(self.scene.server, kind="initial", by=alice, now=NOON)
        says = f"Exposure of {free.ref}: no person approves before it acts."
        assert self.against(draft, f"{ACTIONS}@{asked.ref}", "enforced_person") == ""
        assert self.against(draft, f"{ACTIONS}@{free.ref}", "enforced_person") == says
        assert self.against(draft, f"{ACTIONS}@{free.ref}", "enforced_limits") == ""

    def test_a_scan_from_before_the_release_is_none_of_it(self) -> None:
        alice, document = self.scene.people.alice, json.loads(cast.server_json())
        listing = {"status": "active", "publishedAt": NOON.isoformat(), "isLatest": True}
        wrapped = {"server": document, "_meta": {"io.modelcontextprotocol.registry/official": listing}}
        server, _release = importing.import_server_json(
            json.dumps(wrapped), unit=self.scene.people.payments, by=alice, now=NOON
        )
        registration.set_exposure(server, facts=cast.EXPOSURE, by=alice, now=NOON)
        draft = lifecycle.start(server, kind="initial", by=alice, now=NOON)
        says = f"1.2.3 was published on {deadlines.written(TODAY)}."
        assert self.against(draft, SCAN, "clean", TODAY - timedelta(days=1)) == says
        assert self.against(draft, SCAN, "clean", TODAY) == ""
        assert self.against(draft, SCAN, "critical", TODAY - timedelta(days=1)) == ""

    def test_hidden_characters_contradict_that_nothing_was_found(self) -> None:
        hidden = json.dumps(
            {"tools": [{"name": "read", "description": "Reads\u200b it", "inputSchema": {"type": "object"}}]}
        )
        release = self.scene.server.releases.get()
        alice = self.scene.people.alice
        importing.import_tools(release, hidden, captured_at=NOON, command="", by=alice, now=NOON)
        draft = lifecycle.start(self.scene.server, kind="initial", by=alice, now=NOON)
        says = "Hidden characters in the texts of read."
        assert self.against(draft, HIDDEN, "read_and_scanned") == says
        assert self.against(draft, HIDDEN, "found") == ""

    def test_version_1_of_the_method_compares_nothing(self) -> None:
        draft = self.scene.draft()
        draft.methodology_id = "1"
        draft.known = {SCAN: {"says": ["So."], "contradicts": {"clean": 0}, "at_most": 0}}
        row = Answer.objects.select_related("question", "option").get(assessment=draft, question__key=SCAN)
        assert scored_lines.contradiction(row, draft) is None
