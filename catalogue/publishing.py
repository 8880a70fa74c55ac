"""Publishing the catalogue: question sets, controls and methodologies become rows that never change."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model

from audit.context import SYSTEM
from catalogue import questionnaire, revising
from catalogue.models import Control, Framework, MethodologyVersion, Option, Question, QuestionSet
from riskregister.canonical import canonical, digest
from scoring import methodology

SET_KEY = questionnaire.SERVERS
VENDOR_SET_KEY = questionnaire.VENDORS
# The framework of controls that the organisation adds itself.
OWN_KEY = "own"
_OWN = {"title": "Our own controls", "status": Framework.CURRENT, "origin": Framework.Origin.OWN}


class PublishedVersionChanged(Exception):
    """A catalogue file differs from the version that was published from it; publish a new version instead."""


class NothingPublished(Exception):
    """There is no published question set or methodology; run `manage.py load_catalogue`."""


@transaction.atomic
def publish_catalogue(*, now: datetime) -> QuestionSet:
    """Publish what the catalogue's files hold and is not published yet; return the newest question set.

    Doing it again changes nothing. Raises PublishedVersionChanged when a published file was edited.
    """
    catalogue = questionnaire.load()
    for version in methodology.versions():
        _publish_methodology(methodology.load(version), now=now)
    _publish_frameworks(catalogue.frameworks, now=now)
    Framework.objects.get_or_create(key=OWN_KEY, revision="", defaults=_OWN)
    for key, sets in ((SET_KEY, catalogue.question_sets), (VENDOR_SET_KEY, catalogue.vendor_sets)):
        for data in sets:
            _publish_set(key, data, now=now)
    return current_question_set()


def current_question_set(key: str = SET_KEY) -> QuestionSet:
    """Return the question set that new assessments of servers (or those of another key) use: the newest, unless the
    configuration names an older one of those about servers.

    Raises NothingPublished.
    """
    rows = QuestionSet.objects.filter(key=key)
    asked_for = settings.QUESTION_SET if key == SET_KEY else None
    if asked_for:
        rows = rows.filter(version=asked_for)
    newest = rows.order_by("-version").first()
    if newest is None:
        which = f"Question set {asked_for}" if asked_for else "No question set"
        raise NothingPublished(f"{which} is {'not ' if asked_for else ''}published. Run: manage.py load_catalogue")
    return newest


def current_question_sets() -> list[QuestionSet]:
    """Return those that new assessments of servers and of vendors use. Raises NothingPublished."""
    return [current_question_set(key) for key in (SET_KEY, VENDOR_SET_KEY)]


def current_methodology() -> MethodologyVersion:
    """Return the methodology that new assessments use; raise NothingPublished."""
    newest = MethodologyVersion.objects.filter(version=str(methodology.LATEST)).first()
    if newest is None:
        raise NothingPublished("No methodology is published. Run: manage.py load_catalogue")
    return newest


def _publish_methodology(method: methodology.Methodology, *, now: datetime) -> None:
    known = MethodologyVersion.objects.filter(version=str(method.version)).first()
    if known is None:
        MethodologyVersion.objects.create(
            version=str(method.version), body=method.text, digest=method.digest, published_at=now
        )
    elif known.digest != method.digest:
        raise PublishedVersionChanged(f"Methodology {method.version} was published with other numbers.")


def _publish_frameworks(frameworks: tuple[questionnaire.Framework, ...], *, now: datetime) -> None:
    for framework in frameworks:
        before = Framework.objects.current().filter(key=framework.key).first()
        # The former revision first: one of each framework is current.
        for revision in sorted(framework.revisions, key=lambda one: one.status == Framework.CURRENT):
            _publish_revision(framework, revision)
        revising.take_place(before, by=SYSTEM, now=now)


def _publish_revision(framework: questionnaire.Framework, revision: questionnaire.Revision) -> None:
    row = Framework.objects.filter(key=framework.key, revision=revision.title).first()
    row = row or Framework(key=framework.key, revision=revision.title)
    values = {
        "title": framework.title,
        "publisher": framework.publisher,
        "status": Framework.SUPERSEDED if _is_replaced(row) else revision.status,
        "note": revision.note,
        "overlays": framework.overlays,
    }
    if values["status"] == Framework.CURRENT and (row._state.adding or not row.is_current):
        others = Framework.objects.current().filter(key=framework.key).exclude(pk=row.pk)
        others.update(status=Framework.SUPERSEDED)
    if _takes(row, values):
        row.save()
    Control.objects.bulk_create(_new_controls(row, revision))


def _is_replaced(row: Framework) -> bool:
    """Return whether somebody has imported a revision that counts in place of the ones that the register has."""
    imported = Framework.objects.current().filter(key=row.key, origin=Framework.Origin.IMPORTED)
    return imported.exclude(pk=row.pk).exists()


def _new_controls(framework: Framework, revision: questionnaire.Revision) -> Iterator[Control]:
    """Yield the controls that are not listed yet; save those of which the file says something else by now."""
    known = {row.ref: row for row in framework.controls.all()}
    below = Control.objects.filter(framework__in=Framework.objects.current().filter(key=framework.overlays))
    bases = {row.ref: row.pk for row in below} if framework.overlays else {}
    for position, control in enumerate(revision.controls, start=1):
        row = known.get(control.ref) or Control(framework=framework, ref=control.ref)
        values = {
            "position": position,
            "title": control.title,
            "section": control.section,
            "requirement": control.requirement,
            "status": control.status,
            "note": control.note,
            "superseded_by": ", ".join(control.superseded_by),
            "same_as_id": bases.get(control.ref),
        }
        differs = _takes(row, values)
        if row._state.adding:
            yield row
        elif differs:
            row.save()


def _takes(row: Model, values: Mapping[str, Any]) -> bool:
    """Set what the row is to say; return whether it must be saved, since it is new or said something else."""
    differs = row._state.adding or any(getattr(row, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(row, name, value)
    return differs


def _publish_set(key: str, data: questionnaire.QuestionSet, *, now: datetime) -> None:
    body_digest = digest(canonical(questionnaire.plain(data)))
    known = QuestionSet.objects.filter(key=key, version=data.version).first()
    if known is not None:
        if known.digest != body_digest:
            raise PublishedVersionChanged(f"Question set {data.version} was published with other questions.")
        return
    published = QuestionSet.objects.create(
        key=key,
        version=data.version,
        title=data.title,
        each_deployment=data.each_deployment,
        digest=body_digest,
        published_at=now,
    )
    asked = [(one, _question(published, one, position)) for position, one in enumerate(data.questions, start=1)]
    Question.objects.bulk_create([question for _source, question in asked])
    Option.objects.bulk_create([option for source, question in asked for option in _options(question, source)])
    _link_controls(asked)


def _question(published: QuestionSet, data: questionnaire.Question, position: int) -> Question:
    return Question(
        question_set=published,
        key=data.key,
        dimension=data.dimension,
        position=position,
        subject=data.subject,
        text=data.text,
        guidance=data.guidance,
        good_answer=data.good_answer,
        evidence_expected=data.evidence,
        weight=data.weight,
        is_critical=data.critical,
        applies_when=questionnaire.plain(data.applies_when),
        depth=data.depth,
        event=data.event.of if data.event else "",
        fresh_days=data.event.fresh_days if data.event else None,
        finding_title=data.finding.title,
        finding_severity=data.finding.severity,
        finding_description=data.finding.description,
        finding_remediation=data.finding.remediation,
        seeds=list(data.seeds),
    )


def _options(question: Question, data: questionnaire.Question) -> Iterator[Option]:
    for place, option in enumerate(data.options, start=1):
        yield Option(
            question=question,
            key=option.key,
            text=option.text,
            quarters=int(Fraction(option.value) * 4),
            is_undated=option.undated,
            raises_when=questionnaire.plain(option.raises_when),
            position=place,
        )


def _link_controls(asked: Sequence[tuple[questionnaire.Question, Question]]) -> None:
    """Link the questions to the controls that they name: of the current revisions that the register ships."""
    shipped = Control.objects.filter(framework__origin=Framework.Origin.SHIPPED, framework__overlays="")
    by_ref = {control.ref: control for control in shipped.by_revision()}
    through = Question.controls.through
    through._default_manager.bulk_create(
        through(question=question, control=by_ref[ref]) for source, question in asked for ref in source.controls
    )
