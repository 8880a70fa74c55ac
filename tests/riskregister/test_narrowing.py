"""What a row refers to is looked for in one of three ways, by how many there are: the same rows are found in each."""

import pytest
from django.db.models import QuerySet

from catalogue import publishing
from findings.models import RiskAcceptance
from riskregister.queries import narrowing
from riskregister.queries.searching import with_words
from tests import cast
from tests.api.caller import frozen
from tests.cast import NOON
from tests.tables import for_each
from tests.work import figures
from tests.work.test_kept import A_FINDING, A_SERVER

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
# How many keys are few and how many are some, and where the statement has the two findings of the one server then.
WAYS = {
    "named": (9, 9, '"finding_id" IN (%s'),
    "gathered": (1, 9, '"finding_id" IN (SELECT'),
    "followed": (0, 0, 'LEFT OUTER JOIN "vendors_server"'),
}


@pytest.fixture
def accepted(db: None) -> "QuerySet[RiskAcceptance]":
    """Return the acceptances of two servers, each with a finding whose risk is accepted; one has another finding."""
    with frozen():
        publishing.publish_catalogue(now=NOON)
        people = figures.gather(cast.assemble())
        findings = [A_FINDING, {**A_FINDING, "accepted": None}, {**A_FINDING, "server": 1}]
        figures.fill(people, ([A_SERVER, {**A_SERVER, "unit": 1}], findings))
    return RiskAcceptance.objects.order_by("pk")


@for_each("way", list(WAYS))
def test_acceptances_are_found_by_the_name_of_their_server_however_many_findings_it_has(accepted, way, monkeypatch):
    few, some, told = WAYS[way]
    monkeypatch.setattr(narrowing, "FEW", few)
    monkeypatch.setattr(narrowing, "SOME", some)
    first, second = accepted
    found = accepted.filter(with_words(RiskAcceptance, first.finding.server.title, also=["finding__server__title"]))

    assert (list(found), told in found.query.sql_with_params()[0]) == ([first], True)
    assert second.finding.server.title != first.finding.server.title
