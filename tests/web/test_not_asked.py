"""The overview of an assessment says which questions are not asked, and because of which facts."""

from django.test import TestCase
from django.urls import reverse

from assessments import lifecycle
from tests import cast
from tests.cast import NOON
from tests.web.signed_in import as_


class QuestionsNotAsked(TestCase):
    """A server that is started over stdio only."""

    def test_names_the_facts_that_leave_questions_out(self) -> None:
        people = cast.assemble()
        release = cast.a_release(people)
        draft = lifecycle.start(release.server, kind="initial", by=people.alice, now=NOON)
        assert draft.facts["has_remote"] is False
        page = as_(people.alice).get(reverse("web:assessment-detail", args=[draft.pk]))
        self.assertContains(page, "the release offers a remote (Streamable HTTP or SSE): no")
