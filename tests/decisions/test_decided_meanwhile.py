"""What a decision rests on is what whoever decides has seen, whatever others do in the same moment."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import TransactionTestCase

from accounts.models import User
from assessments import lifecycle
from assessments.answers import answering, scored_lines, second_person
from assessments.models import Assessment, Snapshot
from decisions.approvals import approvals
from decisions.approvals.approval_needs import ApprovalLacks
from decisions.models import Approval
from evidence import records
from findings import acceptance, following, register
from findings.models import Finding, RiskAcceptance
from riskregister.transitions import IllegalTransition
from tests import cast
from tests.assessments import documents, scenes
from tests.assessments.scenes import verbs
from tests.cast import NOON, TODAY
from tests.interleaving import overtaken
from vendors import following as server_following
from vendors.models import Release, Server
from vendors.registering import importing

pytestmark = pytest.mark.engine
A_YEAR = TODAY + timedelta(days=365)
LATER = NOON + timedelta(minutes=5)


class Meanwhile(TransactionTestCase):
    def setUp(self) -> None:
        self.scene = scenes.set_up()
        self.alice, self.bob = self.scene.people.alice, self.scene.people.bob

    def test_nobody_approves_tools_that_were_imported_while_they_decided(self) -> None:
        seen = self._final()
        imported, refused = overtaken(
            self._importing(seen.judged_release), self._deciding(seen), at=(server_following, "changed")
        )
        assert isinstance(imported, Release)
        assert isinstance(refused, ApprovalLacks)
        assert (Approval.objects.count(), Server.objects.get().status) == (0, "in_review")

    def test_tools_that_are_imported_while_a_server_is_approved_are_of_another_release(self) -> None:
        self.scene.ready()
        seen = self._final()
        approved, imported = overtaken(
            self._deciding(seen), self._importing(seen.judged_release), at=(approvals, "_carry_out")
        )
        assert isinstance(approved, Approval)
        pinned = Server.objects.get().pinned_release
        assert pinned
        assert (pinned.pk, pinned.manifest_digest) == (approved.release_id, approved.manifest_digest)
        assert (imported.version, imported.revision) == (pinned.version, pinned.revision + 1)

    def test_nobody_decides_on_what_they_checked_meanwhile(self) -> None:
        submitted = self._submitted_with_evidence()
        decided, _checked = overtaken(
            partial(lifecycle.finalise, submitted, by=User.objects.get(pk=self.bob.pk), now=LATER),
            partial(
                documents.verify,
                submitted.answers.select_related("question").get(evidence__isnull=False),
                submitted.answers.get(evidence__isnull=False).evidence.get(),
                by=self.bob,
                now=LATER,
            ),
            at=(scored_lines, "answers_of"),
        )
        # On SQLite the check comes after the decision, which then does not rest on it.
        rests_on = [
            check["by"]
            for snapshot in Snapshot.objects.all()
            for answer in snapshot.data["answers"]
            for evidence in answer["evidence"]
            for check in evidence["verified"]
        ]
        assert (rests_on, type(decided)) in (([], second_person.FourEyes), ([], Snapshot))

    def test_closing_a_finding_ends_the_acceptance_that_was_granted_meanwhile(self) -> None:
        asked, finding = self._asked(), Finding.objects.get()
        outcomes = overtaken(self._granting(asked), self._closing(finding), at=(following, "changed"))
        assert not [one for one in outcomes if isinstance(one, Exception)]
        assert self._states() == ("closed", "revoked")
        assert verbs(asked)[-1] == "acceptance.revoked"

    def test_no_acceptance_is_granted_of_a_finding_that_was_closed_meanwhile(self) -> None:
        asked, finding = self._asked(), Finding.objects.get()
        _closed, granted = overtaken(self._closing(finding), self._granting(asked), at=(following, "changed"))
        assert isinstance(granted, IllegalTransition)
        assert self._states() == ("closed", "requested")

    def _final(self) -> Assessment:
        final = self.scene.final()
        return Assessment.objects.select_related("release", "server").get(pk=final.pk)

    def _importing(self, release: Release) -> "partial[Release]":
        how: dict[str, Any] = {"captured_at": NOON, "command": "npx it", "by": self.alice, "now": NOON}
        return partial(importing.import_tools, Release.objects.get(pk=release.pk), cast.tools("write"), **how)

    def _deciding(self, seen: Assessment) -> "partial[Approval]":
        how: dict[str, Any] = {"decision": "approve", "valid_until": A_YEAR, "reason": "So.", "now": NOON}
        return partial(approvals.decide, seen, by=self.bob, **how)

    def _submitted_with_evidence(self) -> Assessment:
        draft = self.scene.draft()
        how: dict[str, Any] = {"issuer": "vendor", "unit": self.scene.people.payments, "by": self.alice, "now": NOON}
        report = records.add_link("https://example.org/report", title="A report", **how)
        answering.attach(draft.answers.order_by("pk")[0], report, by=self.alice, now=NOON)
        return lifecycle.submit(draft, by=self.alice, now=NOON)

    def _asked(self) -> RiskAcceptance:
        how: dict[str, Any] = {"compensating_control": "Isolated.", "expires_on": TODAY, "by": self.alice, "now": NOON}
        return acceptance.request(self.scene.finding(), reason="So.", **how)

    def _granting(self, asked: RiskAcceptance) -> "partial[RiskAcceptance]":
        return partial(acceptance.grant, RiskAcceptance.objects.get(pk=asked.pk), by=self.bob, now=NOON)

    def _closing(self, finding: Finding) -> "partial[Finding]":
        # Somebody else: one person's steps are one after the other.
        ben = cast.person("ben", role="approver", unit=self.scene.people.payments)
        return partial(register.close, finding, reason="Gone.", by=ben, now=NOON)

    def _states(self) -> tuple[str, str]:
        return Finding.objects.get().status, RiskAcceptance.objects.get().status
