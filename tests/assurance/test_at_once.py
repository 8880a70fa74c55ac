"""Two people who record certificates of one vendor at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import TransactionTestCase

from assurance import validity
from assurance.certificates import CertificatesOverlap
from assurance.models import Certificate
from tests import cast
from tests.assessments import documents
from tests.assurance.made import ISO, a_certificate
from tests.interleaving import overtaken

pytestmark = pytest.mark.engine


class AtOnce(TransactionTestCase):
    def setUp(self) -> None:
        self.people = cast.assemble()
        self.vendor = cast.a_vendor(self.people)

    def recording(self, facts: dict[str, Any]) -> Callable[[], Certificate]:
        paper = documents.document(by=self.people.alice, unit=None, issuer="independent", title="The paper")
        return lambda: a_certificate(self.people, self.vendor, facts, evidence=paper)

    def test_of_two_that_speak_of_the_same_time_one_is_recorded(self) -> None:
        outcomes = overtaken(self.recording(ISO), self.recording(ISO), at=(validity, "counts_until"))

        assert Certificate.objects.count() == 1
        assert [type(one) for one in outcomes if isinstance(one, Exception)] == [CertificatesOverlap]
