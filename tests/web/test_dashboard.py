"""The dashboard: every number equals the count of the list it opens, for everybody who looks."""

from datetime import timedelta

import pytest
from django.urls import reverse

from assessments import lifecycle
from decisions.approvals import approvals
from decisions.models import Approval
from findings import acceptance, register
from findings.models import Finding
from scoring.scales import Residual
from tests.assessments import scenes
from tests.cast import EXPOSURE, NOON, TODAY, assemble
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors.registering import deployments
from work import overview, tiles

LATER = NOON + timedelta(days=100)


@pytest.fixture
def scene(db, time_machine):
    """Return three servers: one approved and in use, one assessed badly, one never assessed but in use."""
    time_machine.move_to(LATER, tick=False)
    made = scenes.set_up()
    second, third = made.another_server(), made.another_server()
    made.approved(at=NOON)
    made.final(second, choices={scenes.SERVER_QUESTION: "closed"})
    for server in (made.server, third):
        deployments.add_deployment(
            server,
            name="Support",
            environment="production",
            agent="Support agent",
            in_use_since=TODAY,
            by=made.people.alice,
            now=NOON,
            **EXPOSURE,
        )
    return made


def page(person, query=""):
    response = as_(person).get(reverse("web:dashboard") + query)
    assert response.status_code == 200
    return response.context


def rows_behind(person, url):
    """Return how many rows the list at the address has."""
    context = as_(person).get(url).context
    listing = context["list"] if "list" in context else context["listing"]
    return len(listing.rows) if listing.total is None else listing.total


@for_each("who", ["ada", "mia", "eve"])
@for_each("scope", ["all", "unit"])
def test_every_tile_counts_what_its_list_shows(scene, who, scope):
    person = getattr(scene.people, who)
    unit = scene.people.research if who == "eve" else scene.people.payments
    query = f"?unit={unit.pk}" if scope == "unit" else ""

    tiles = page(person, query)["tiles"]

    assert len(tiles) == 8
    assert {one.tile.label: one.tile.value for one in tiles} == {
        one.tile.label: rows_behind(person, one.url) for one in tiles
    }


def test_the_numbers_are_those_of_the_scene(scene):
    tiles = {one.tile.label: one.tile for one in page(scene.people.mia)["tiles"]}

    assert (tiles["Servers in use"].value, tiles["Servers in use"].of) == (2, 3)
    assert tiles["In use without approval in date"].value == 1
    assert tiles["In use, not assessed"].value == 1
    assert tiles["Findings overdue"].value == Finding.objects.overdue(today=LATER.date()).count() > 0


def test_every_cell_of_the_matrix_counts_what_its_list_shows(scene):
    figures = tiles.figures(scene.people.mia, unit=None, today=LATER.date()).servers

    assert figures.total == 3
    for (tier, residual), count in figures.matrix.items():
        url = f"{reverse('web:server-list')}?status=current&inherent_tier={tier}&residual={residual}"
        assert rows_behind(scene.people.mia, url) == count
    assert sum(n for (_, residual), n in figures.matrix.items() if residual == Residual.NOT_ASSESSED) == 1


def test_owners_and_changes_lead_to_what_they_count(scene):
    context = page(scene.people.mia, "?days=90")

    assert context["owners"]
    for load, url in context["owners"]:
        assert rows_behind(scene.people.mia, url) == load.overdue
    for change in page(scene.people.mia)["changes"] + context["changes"]:
        assert rows_behind(scene.people.mia, change.url) == change.count
        assert change.label.split()[0].endswith("s") == (change.count != 1)


def test_an_outsider_sees_no_number_of_another_unit(scene):
    context = page(scene.people.eve)

    assert context["unit"] == scene.people.research
    assert context["total"] == 0
    assert context["worst"].rows == []
    assert all(one.tile.value == 0 for one in context["tiles"])


@for_each("unit", ["payments", "nonsense"])
def test_figures_of_a_unit_that_somebody_does_not_see_are_not_those_of_all(scene, unit):
    asked = {"unit": str(scene.people.payments.pk) if unit == "payments" else "nonsense"}
    for route in ("dashboard", "supply-chain-concentration", "supply-chain-lost"):
        assert as_(scene.people.eve).get(reverse(f"web:{route}"), asked).status_code == 404, route


def test_the_worst_comes_first_and_the_unrated_have_no_place(scene):
    worst = overview.most_at_risk(scene.people.mia, unit=None)

    assert len(worst) == 2
    assert [server.rating.residual_rank for server in worst] == sorted(s.rating.residual_rank for s in worst)


def test_dimensions_are_averaged_over_the_rated_servers(scene):
    rows = {row.key: row for row in tiles.figures(scene.people.mia, unit=None, today=LATER.date()).dimensions}

    scores = [server.rating.provenance_percent for server in overview.most_at_risk(scene.people.mia, unit=None)]
    assert rows["provenance"].rated == 2
    known = [one for one in scores if one is not None]
    mean, weakest = rows["provenance"].mean, rows["provenance"].weakest
    assert mean is not None
    assert weakest is not None
    assert float(mean) == pytest.approx(float(sum(known) / 2))
    assert rows["provenance"].lowest == weakest.rating.provenance_percent == min(known)


def test_the_trend_counts_openings_and_closings_by_month(scene):
    finding = Finding.objects.get(stable_key=scenes.SERVER_QUESTION)
    register.close(finding, reason="Not needed any more.", by=scene.people.bob, now=LATER)

    told = tiles.figures(scene.people.mia, unit=None, today=LATER.date()).occasions

    opened = dict(zip(told.months, told.opened, strict=True))
    closed = dict(zip(told.months, told.closed, strict=True))
    assert opened[TODAY.replace(day=1)] == Finding.objects.filter(opened_at__isnull=False).count()
    assert closed[LATER.date().replace(day=1)] == 1
    assert len(told.months) == 12


def test_an_acceptance_that_ends_soon_is_counted(scene):
    finding = Finding.objects.get(stable_key=scenes.SERVER_QUESTION)
    asked = acceptance.request(
        finding,
        reason="We can live with it.",
        compensating_control="Read-only key",
        expires_on=LATER.date() + timedelta(days=20),
        by=scene.people.alice,
        now=LATER,
    )
    assert tiles.figures(scene.people.mia, unit=None, today=LATER.date()).occasions.acceptances_expiring == 0

    acceptance.grant(asked, note="Until the new version.", by=scene.people.bob, now=LATER)

    assert tiles.figures(scene.people.mia, unit=None, today=LATER.date()).occasions.acceptances_expiring == 1
    shown = next(one for one in page(scene.people.mia)["tiles"] if one.tile.key == "acceptances_expiring")
    assert rows_behind(scene.people.mia, shown.url) == shown.tile.value == 1


@for_each("who", ["ada", "mia"])
def test_the_dashboard_takes_few_statements(scene, who, django_assert_max_num_queries):
    client = as_(getattr(scene.people, who))
    client.get(reverse("web:dashboard"))

    with django_assert_max_num_queries(15):
        client.get(reverse("web:dashboard"))


def test_a_change_of_a_unit_makes_few_statements_more(scene, django_assert_max_num_queries):
    client = as_(scene.people.ada)
    client.get(reverse("web:dashboard"))
    Finding.objects.filter(unit=scene.people.payments).update(severity=1)

    # Nine count what is of the unit, five keep it.
    with django_assert_max_num_queries(15 + 9 + 5):
        client.get(reverse("web:dashboard"))


def test_a_rejected_server_is_not_counted(scene):
    worst = tiles.figures(scene.people.mia, unit=None, today=LATER.date()).servers.total
    third = scene.another_server()
    assessment = scene.draft(third)
    lifecycle.submit(assessment, by=scene.people.alice, now=NOON)
    approvals.decide(
        assessment,
        decision=Approval.Decision.REJECT,
        reason="Not for us.",
        valid_until=None,
        by=scene.people.bob,
        now=NOON,
    )

    assert tiles.figures(scene.people.mia, unit=None, today=LATER.date()).servers.total == worst


@pytest.mark.django_db
def test_an_empty_dashboard_offers_to_register_to_those_who_may():
    people = assemble()

    assert "Register a server" in as_(people.alice).get(reverse("web:dashboard")).content.decode()
    assert "Register a server" not in as_(people.ada).get(reverse("web:dashboard")).content.decode()


def test_says_in_words_how_many_servers_are_left_at_high_risk(scene):
    response = as_(scene.people.mia).get(reverse("web:dashboard"))

    severe = sum(n for (_tier, residual), n in matrix(scene.people.mia).items() if residual in {"high", "critical"})
    assert response.context["severe"] == severe > 0
    assert f"{severe} of 3</strong>" in response.content.decode()


def matrix(person):
    return tiles.figures(person, unit=None, today=LATER.date()).servers.matrix
