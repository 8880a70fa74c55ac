"""Every noun of the trade has introduced itself, and what its card says is true."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from auditlog.registry import auditlog
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import models
from django.urls import NoReverseMatch, reverse

from accounts.access import Capability
from accounts.models import Unit, User
from accounts.steps import every_step
from api.urls import router
from api.v1.endpoint_parts.field_history import WithFieldHistory
from audit import events
from audit.events import Who
from numbering.models import Numbered
from riskregister import nouns
from riskregister.nouns import Noun
from tests.architecture import STEP
from tests.journeys.routes import routes
from work.trail import SIGN_INS

KEY = UUID("01900000-0000-7000-8000-000000000000")
CARDS = list(nouns.cards())
MODELS = [model for model in apps.get_models() if model._meta.app_label in STEP]


def failures(found: Iterator[str]) -> str:
    return "\n".join(found)


def leads_to(model: type[models.Model], path: str) -> Any:
    """Return the field or property at the end of a dotted path. Raises LookupError where it leads nowhere."""
    found: Any = model
    for name in path.split("."):
        here = found.related_model if isinstance(found, models.ForeignKey) else found
        found = _part(here, name)
    return found


def _part(here: Any, name: str) -> Any:
    if not isinstance(here, type):
        raise LookupError(f"{here} has no {name}")
    by_column = {field.attname: field for field in here._meta.concrete_fields}  # type: ignore[attr-defined]
    try:
        return by_column.get(name) or here._meta.get_field(name)  # type: ignore[attr-defined]
    except FieldDoesNotExist:
        if not isinstance(getattr(here, name, None), property):
            raise LookupError(f"{here.__name__} has no {name}") from None
        return getattr(here, name)


def is_found(model: type[models.Model], condition: Any) -> bool:
    """Return whether the rows can be filtered like this."""
    try:
        str(model._default_manager.filter(condition).query)
    except (FieldError, ValueError):
        return False
    return True


def _must_have_a_card() -> Iterator[tuple[type[models.Model], str]]:
    signs = {
        "a lifecycle": lambda model: hasattr(model, "TRANSITIONS"),
        "visible_to": lambda model: hasattr(model._default_manager.all(), "visible_to"),
        "a number": lambda model: issubclass(model, Numbered),
        "a field history": auditlog.contains,
    }
    yield from ((model, sign) for model in MODELS for sign, has in signs.items() if has(model))
    yield from ((shown_by(view), f"the endpoint {name}") for name, view, _base in router.registry)
    for name, step in every_step():
        if step.rule.makes:
            yield step.rule.makes, f"the step {name}"


def shown_by(view: Any) -> type[models.Model]:
    """Return the model whose rows the endpoint shows."""
    model: type[models.Model] = view.serializer_class.Meta.model
    return model


def test_every_model_that_a_door_shows_has_a_card():
    known = {noun.model for noun in CARDS}
    assert len(known) > 30
    assert not failures(f"{model.__name__} has {why}" for model, why in _must_have_a_card() if model not in known)


@pytest.mark.parametrize("what", ["word", "plural", "kind", "prefix"])
def test_no_two_nouns_are_called_the_same(what):
    words = [getattr(noun, what) for noun in CARDS if getattr(noun, what)]
    assert sorted(words) == sorted(set(words))


def test_every_numbered_record_has_a_prefix_and_no_other():
    assert {noun.model for noun in CARDS if noun.prefix} == {model for model in MODELS if issubclass(model, Numbered)}


def test_every_verb_is_of_one_noun():
    words = [word for noun in CARDS for word in noun.verbs]
    assert sorted(words) == sorted(set(words))
    assert {event.verb.partition(".")[0] for event in events.every()} == {*words, *SIGN_INS}


def _wrong_paths(noun: Noun) -> Iterator[str]:
    paths = [*noun.holds, *noun.moving, *filter(None, [noun.unit, noun.hint, noun.of, noun.severity, noun.tier])]
    paths += [path for path in (noun.subject, noun.due_on, *noun.opens) if path not in ("", "self")]
    paths += [path for page in noun.pages for path in (page.key, page.whose) if path]
    for path in paths:
        try:
            leads_to(noun.model, path)
        except LookupError as wrong:
            yield f"{noun.word}: {path}: {wrong}"


def test_every_path_leads_somewhere():
    assert not failures(wrong for noun in CARDS for wrong in _wrong_paths(noun))


def test_what_belongs_to_a_unit_leads_to_its_id():
    wrong = (
        f"{noun.word}: {noun.unit}"
        for noun in CARDS
        if noun.unit and noun.unit != "unit_id" and leads_to(noun.model, noun.unit).related_model is not Unit
    )
    assert not failures(wrong)


def test_what_is_part_of_something_is_part_of_a_noun_with_a_field_history():
    for noun in CARDS:
        if noun.of:
            assert nouns.card(leads_to(noun.model, noun.of).related_model).field_history is not None, noun.word


def test_what_is_held_before_it_has_a_card_too():
    known = {noun.model for noun in CARDS}
    assert {leads_to(noun.model, name).related_model for noun in CARDS for name in noun.holds} <= known


def test_what_is_searched_can_be_filtered_by():
    wrong = (
        f"{noun.word}: {words}"
        for noun in CARDS
        for words in noun.words
        if not is_found(noun.model, models.Q(**{f"{words}__icontains": "x"}))
    )
    assert not failures(wrong)


def test_what_is_found_has_a_page():
    assert not [noun.word for noun in CARDS if (noun.words or noun.prefix) and not noun.pages]


def test_what_its_name_is_read_from_can_be_read_with_it():
    for noun in CARDS:
        str(noun.model._default_manager.select_related(*noun.related).query)


def _wrong_pages(noun: Noun) -> Iterator[str]:
    for page in noun.pages:
        try:
            reverse(f"web:{page.route}", args=[KEY] if page.key else [])
        except NoReverseMatch:
            yield f"{noun.word}: there is no page {page.route} with these parts"
        if page.needs and page.needs not in Capability.values:
            yield f"{noun.word}: nobody can {page.needs}"


def test_every_page_is_there():
    assert not failures(wrong for noun in CARDS for wrong in _wrong_pages(noun))


def test_every_page_of_one_object_is_on_a_card():
    shown = {f"web:{page.route}" for noun in CARDS for page in noun.pages}
    assert {one.name for one in routes() if re.fullmatch(r"web:[a-z]+-detail", one.name)} <= shown


def test_whatever_has_a_page_says_who_may_see_it():
    def unsaid() -> Iterator[str]:
        for noun in CARDS:
            if not noun.is_seen_by_row and not all(page.needs and not page.key for page in noun.pages):
                yield noun.word

    assert not failures(unsaid())


def test_what_an_alert_leads_to_has_a_page():
    led_to = [leads_to(noun.model, path).related_model for noun in CARDS for path in noun.opens if path != "self"]
    assert led_to
    assert [model for model in led_to if not nouns.card(model).pages] == []


def _wrong_places(noun: Noun) -> Iterator[str]:
    for name, place in noun.held_by.items():
        if leads_to(noun.model, name).related_model is not User:
            yield f"{noun.word}: {name} names nobody"
        if place.needs not in Capability.values:
            yield f"{noun.word}: nobody can {place.needs}"
        if not is_found(noun.model, place.still):
            yield f"{noun.word}: {place.still} filters nothing"
        if not {verb.partition(".")[0] for verb in (place.given, place.left) if verb} <= set(noun.verbs):
            yield f"{noun.word}: {place.given} is of another noun"


def test_every_place_names_a_person_and_says_what_they_must_be_allowed():
    assert not failures(wrong for noun in CARDS for wrong in _wrong_places(noun))


def test_what_a_field_history_leaves_out_or_hides_is_a_field():
    for noun in CARDS:
        kept = noun.field_history
        for name in (*kept.leaves_out, *kept.hides) if kept else ():
            assert isinstance(leads_to(noun.model, name), models.Field), (noun.word, name)


def test_every_endpoint_of_what_has_a_field_history_shows_it():
    shown = {shown_by(view) for _name, view, _base in router.registry if issubclass(view, WithFieldHistory)}
    endpoints = {shown_by(view) for _name, view, _base in router.registry}
    assert shown == {noun.model for noun in CARDS if noun.field_history and noun.model in endpoints}


def test_every_place_that_an_event_tells_is_on_a_card_of_its_noun():
    """Else an alert would silently reach nobody."""
    by_role = {Who.ANALYSTS, Who.APPROVERS, Who.MANAGERS, Who.HEAD, Who.ADMINISTRATORS}
    placed = {verb: set(noun.places) for noun in CARDS for verb in noun.verbs if noun.places}
    for kind in events.every():
        told = {*kind.tell.to, kind.tell.otherwise} - {*by_role, None} if kind.tell else set()
        assert told <= placed.get(kind.verb.partition(".")[0], set()), kind.verb


def test_every_demo_row_can_be_told_from_a_real_one():
    for noun in CARDS:
        for lookup in noun.demo:
            assert is_found(noun.model, models.Q(**{lookup: True})), (noun.word, lookup)
    with_demo = {noun.model for noun in CARDS if noun.demo}
    # A unit in which somebody registered a server of their own stays, and nobody is deleted.
    assert {model for model in MODELS if "is_demo" in {one.name for one in model._meta.fields}} - {
        Unit,
        User,
    } <= with_demo
