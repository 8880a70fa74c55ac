"""The marks and pieces of pages, as they come out."""

import xml.etree.ElementTree as ET
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from findings.models import Finding
from reports.templatetags import paper
from riskregister import looks, nouns
from scoring.scales import Band, Residual, Severity
from tests.tables import for_each
from vendors.tiers import Exposure
from web.templatetags import ui

SYMBOLS = {s.get("id") for s in ET.parse(settings.BASE_DIR / "static/img/icons.svg").getroot()}
LOOKS = [look for kind in looks.kinds().values() for look in kind.values()]


def drawn(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def test_every_lifecycle_of_the_models_has_a_look_for_each_status() -> None:
    states = {
        (noun.word, status)
        for noun in nouns.cards()
        if hasattr(noun.model, "TRANSITIONS")
        for status, _ in getattr(noun.model._meta.get_field("status"), "choices", None) or ()
    }
    assert len(states) > 40
    assert states - {(kind, status) for kind, table in looks.kinds().items() for status in table} == set()


def test_every_value_of_the_scales_has_a_look() -> None:
    assert {str(b) for b in Band} == set(looks.kinds()["band"])
    assert {str(r) for r in Residual} == set(looks.kinds()["residual"])
    assert {str(e) for e in Exposure} | {""} == set(looks.kinds()["fact"])
    assert [ui.severity(s) for s in Severity] == [ui.severity(s.word) for s in Severity]


def test_every_shape_is_in_the_sprite_and_every_tone_in_the_theme() -> None:
    sheet = (settings.BASE_DIR / "static/css/components.css").read_text()
    assert [look for look in LOOKS if look.shape not in SYMBOLS] == []
    assert [look for look in LOOKS if f".tone-{look.tone} " not in sheet] == []


@for_each("kind", ["severity", "residual", "band"])
def test_no_two_values_share_a_word_or_a_shape(kind: str) -> None:
    table = looks.kinds()[kind].values()
    assert len({look.word for look in table}) == len({look.shape for look in table}) == len(table)


def test_a_status_without_a_look_is_refused() -> None:
    with pytest.raises(KeyError, match="on_fire"):
        ui.status("vendor", "on_fire")


def test_a_badge_says_what_it_is_about_where_nothing_beside_it_does() -> None:
    assert ">Residual risk: Critical</span>" in ui.residual("critical", "Residual risk").replace("\n", "")
    assert ">Before caps: Weak</span>" in ui.band("weak", "Before caps")
    assert ">Weak</span>" in ui.band("weak")


def test_a_badge_carries_word_shape_and_tone() -> None:
    badge = ui.severity(Severity.HIGH)
    assert ">High</span>" in badge
    assert "icons.svg#v-high" in badge
    assert "tone-high" in badge


def test_unknown_residual_risk_reads_not_assessed() -> None:
    assert ui.residual(None) == ui.residual("") == ui.residual(Residual.NOT_ASSESSED)
    assert "Not assessed" in ui.residual(None)


@for_each(
    ("due_on", "words"),
    [
        (date(2026, 11, 18), "3 days overdue"),
        (date(2026, 11, 20), "1 day overdue"),
        (date(2026, 11, 21), "today"),
        (date(2026, 12, 5), "14 days left"),
    ],
)
def test_a_due_day_says_how_far_it_is(due_on: date, words: str) -> None:
    assert words in ui.due(due_on, on=date(2026, 11, 21))


def test_a_settled_or_distant_due_day_is_only_a_day() -> None:
    today = date(2026, 11, 21)
    assert ui.due(date(2026, 11, 1), settled=True, on=today) == ui.day(date(2026, 11, 1))
    assert ui.due(date(2026, 12, 6), on=today) == ui.day(date(2026, 12, 6))


def test_scores_and_shares_are_rounded_half_up() -> None:
    assert (ui.score(Fraction(875, 13)), ui.score(None)) == ("67.31", "–")
    assert (ui.percent(Fraction(5, 1000)), ui.percent(Fraction(11, 13)), ui.percent(1)) == (
        "1\u00a0%",
        "85\u00a0%",
        "100\u00a0%",
    )


def test_a_sort_link_turns_the_order_round_and_keeps_the_filters() -> None:
    request = RequestFactory().get("/findings/", {"severity": "high", "sort": "due", "position": "x"})
    link = ui.sort_link(Context({"request": request}), "due", "due")
    assert (link.url, link.direction) == ("?severity=high&sort=-due", "ascending")
    assert ui.sort_link(Context({"request": request}), "age", "due").direction == "none"


def test_query_changes_one_parameter_and_removes_another() -> None:
    request = RequestFactory().get("/findings/?severity=high&unit=a&unit=b&page=3")
    assert ui.query(Context({"request": request}), severity=None, q="a b") == "?unit=a&unit=b&q=a+b"


def test_titles_from_people_are_escaped() -> None:
    html = render_to_string("components/task.html", {"title": "<script>alert(1)</script>", "url": "/x"})
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


class VendorForm(forms.Form):
    name = forms.CharField(help_text="The name people know it by.")
    kinds = forms.MultipleChoiceField(choices=[("host", "Host")], widget=forms.CheckboxSelectMultiple)


def test_a_field_names_its_hint_and_its_error_to_screen_readers() -> None:
    form = VendorForm({})
    html = render_to_string("components/field.html", {"field": form["name"]})
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_the_error_summary_leads_to_the_fields() -> None:
    html = render_to_string("components/error_summary.html", {"form": VendorForm({})})
    assert 'href="#id_name"' in html
    assert 'role="alert"' in html
    assert render_to_string("components/error_summary.html", {"form": VendorForm()}).strip() == ""


def test_a_figure_is_a_link_only_where_it_leads_somewhere() -> None:
    linked = render_to_string("components/figure_tile.html", {"label": "Overdue", "value": 5, "url": "/findings/"})
    plain = render_to_string("components/figure_tile.html", {"label": "Overdue", "value": 5})
    assert '<a class="figure-tile"' in linked
    assert "</a>" in linked
    assert "<a" not in plain
    assert '<div class="figure-tile">' in plain


def test_an_interval_is_shown_until_every_question_is_answered() -> None:
    open_score = render_to_string("components/score.html", {"low": 20, "high": 75, "band": "weak"})
    done = render_to_string("components/score.html", {"value": 71.83, "low": 71.83, "high": 71.83, "band": "adequate"})
    assert "20.00–75.00" in open_score
    assert "71.83" in done
    assert "–" not in done


class Empty(forms.Form):
    """One field of each kind that words its own demand."""

    name = forms.CharField()
    kind = forms.ChoiceField(choices=[("a", "A")])
    kinds = forms.MultipleChoiceField(choices=[("a", "A")])
    day = forms.DateField()
    document = forms.FileField()


def test_a_field_that_was_left_empty_says_what_to_do() -> None:
    assert dict(Empty({}).errors) == {
        "name": ["Fill this in."],
        "kind": ["Choose one."],
        "kinds": ["Choose at least one."],
        "day": ["Enter a date."],
        "document": ["Choose a file."],
    }


@for_each("name", ["400", "403", "404", "429", "500", "403_csrf"])
def test_error_pages_need_no_request_and_say_what_to_do(name: str) -> None:
    html = render_to_string(f"{name}.html")
    assert html.count("<h1>") == 1
    assert 'class="plain-card wide"' in html
    assert len(html) > 1000


def test_every_component_compiles() -> None:
    folder: Path = settings.BASE_DIR / "templates/components"
    for path in folder.glob("*.html"):
        assert Template(path.read_text()).nodelist is not None, path.name


def test_tags_can_be_used_in_a_template() -> None:
    html = drawn('{% icon "flag" "Flagged" %}{% tier 2 %}{% evidence_level "E2" %}{% fact "" %}')
    assert 'aria-label="Flagged"' in html
    assert "Tier 2 · High" in html
    assert "E2 Analyst-verified" in html
    assert "Not known, counts as severe" in html


def test_a_state_has_one_word_on_a_page_in_a_file_and_on_paper() -> None:
    assert looks.word("finding", "accepted") == Finding.Status.ACCEPTED.label == "Risk accepted"
    assert paper.mark("finding", "Risk accepted") == paper.mark("finding", Finding.Status.ACCEPTED)


def test_every_state_has_a_shape_on_paper() -> None:
    # Levels and tiers are numbers there, and a notice is for a page only.
    for kind in looks.kinds().keys() - {"evidence_level", "tier", "fact", "notice"}:
        for value, look in looks.kinds()[kind].items():
            assert paper.mark(kind, value)["word"] == look.word
