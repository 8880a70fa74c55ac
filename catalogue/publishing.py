"""Publishing the catalogue: question sets, controls and methodologies become rows that never change."""

from datetime import datetime
from fractions import Fraction

from django.conf import settings
from django.db import transaction

from catalogue import questionnaire
from catalogue.models import Control, Framework, MethodologyVersion, Option, Question, QuestionSet
from riskregister.canonical import canonical, digest
from scoring import methodology

SET_KEY = "mcp-server"


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
    _publish_frameworks(catalogue.frameworks)
    for data in catalogue.question_sets:
        _publish_set(data, now=now)
    return current_question_set()


def current_question_set() -> QuestionSet:
    """Return the question set that new assessments use: the newest, unless the configuration names an older one.

    Raises NothingPublished.
    """
    rows = QuestionSet.objects.filter(key=SET_KEY)
    if settings.QUESTION_SET:
        rows = rows.filter(version=settings.QUESTION_SET)
    newest = rows.order_by("-version").first()
    if newest is None:
        which = f"Question set {settings.QUESTION_SET}" if settings.QUESTION_SET else "No question set"
        raise NothingPublished(
            f"{which} is {'not ' if settings.QUESTION_SET else ''}published. Run: manage.py load_catalogue"
        )
    return newest


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


def _publish_frameworks(frameworks: tuple[questionnaire.Framework, ...]) -> None:
    for framework in frameworks:
        for revision in framework.revisions:
            row, _created = Framework.objects.update_or_create(
                key=framework.key,
                revision=revision.title,
                defaults={
                    "title": framework.title,
                    "publisher": framework.publisher,
                    "status": revision.status,
                    "note": revision.note,
                },
            )
            for control in revision.controls:
                Control.objects.update_or_create(
                    framework=row,
                    ref=control.ref,
                    defaults={
                        "title": control.title,
                        "status": control.status,
                        "note": control.note,
                        "superseded_by": ", ".join(control.superseded_by),
                    },
                )


def _publish_set(data: questionnaire.QuestionSet, *, now: datetime) -> None:
    body_digest = digest(canonical(questionnaire.plain(data)))
    known = QuestionSet.objects.filter(key=SET_KEY, version=data.version).first()
    if known is not None:
        if known.digest != body_digest:
            raise PublishedVersionChanged(f"Question set {data.version} was published with other questions.")
        return
    published = QuestionSet.objects.create(
        key=SET_KEY,
        version=data.version,
        title=data.title,
        each_deployment=data.each_deployment,
        digest=body_digest,
        published_at=now,
    )
    position = 0
    for dimension in data.dimensions:
        for question in dimension.questions:
            position += 1
            _publish_question(published, question, position)


def _publish_question(published: QuestionSet, data: questionnaire.Question, position: int) -> None:
    question = Question.objects.create(
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
    question.controls.set(_controls(data.controls))
    for place, option in enumerate(data.options, start=1):
        Option.objects.create(
            question=question,
            key=option.key,
            text=option.text,
            quarters=int(Fraction(option.value) * 4),
            is_undated=option.undated,
            raises_when=questionnaire.plain(option.raises_when),
            position=place,
        )


def _controls(refs: tuple[str, ...]) -> list[Control]:
    """Return the controls of the current revisions that these references name."""
    current = Control.objects.filter(framework__status="current", ref__in=refs)
    by_ref = {control.ref: control for control in current}
    return [by_ref[ref] for ref in refs]
