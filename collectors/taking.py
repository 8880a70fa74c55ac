"""Taking the answer that a look shows: a person takes it, and it rests on what was seen, as long as that is fresh."""

from datetime import datetime

from django.utils import timezone

from accounts import principals
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import step
from assessments.answers import answering
from assessments.drafts import drafts
from assessments.facts import comparing
from assessments.facts.comparing import Shown
from assessments.models import Answer
from evidence.models import Evidence
from monitoring.models import Run

_TITLE_LIMIT = 200


class NothingShown(answering.AnswerInvalid):
    """No look that still counts shows an answer to the question."""


@step("assessment.edited", needs=Capability.WRITE, on="assessment", records=False)
def take(row: Answer, *, version: int, by: Principal, now: datetime) -> Answer:
    """Give the answer that the register saw, with what was seen as its evidence, which is as fresh as the look.

    Raises NothingShown when no look that still counts shows one, and what `answering.answer` raises.
    """
    shown = today(row, now=now)
    run = Run.objects.select_related("raw", "server").filter(pk=shown.run).first() if shown else None
    if shown is None or run is None or run.raw is None or run.seen_at is None:
        raise NothingShown("The register sees no answer to this question today. Look again first.")
    seen_on = timezone.localdate(run.seen_at)
    given = answering.answer.within(
        row, choice=Answer.Choice.OPTION, option_key=shown.option, event_on=seen_on, version=version, by=by, now=now
    )
    answering.attach.within(row, _evidence(row, run, by=by, now=now), by=by, now=now)
    return given


def today(row: Answer, *, now: datetime) -> Shown | None:
    """Return the answer that looks show today, and not only when the assessment last took it in; None for none."""
    return comparing.shown_in(drafts.compared_today(row.assessment, now=now).get(row.key, {}))


def _evidence(row: Answer, run: Run, *, by: Principal, now: datetime) -> Evidence:
    """Return what the look rests on as evidence: that of another answer to which it was attached, or a new one."""
    unit, ends = answering.whose_evidence(row), run.fresh_until
    seen_on = timezone.localdate(run.seen_at)
    # An earlier look may have seen just the same, to the byte: its evidence ends with that look.
    same = Evidence.objects.filter(issuer=Evidence.Issuer.REGISTER, blob=run.raw, unit=unit, issued_on=seen_on)
    there = same.first()
    if there is not None:
        return there
    return Evidence(
        kind=Evidence.Kind.FILE, title=f"{run}"[:_TITLE_LIMIT], issuer=Evidence.Issuer.REGISTER, unit=unit,
        blob=run.raw, file_name=f"{run.collector}-{seen_on.isoformat()}.json", issued_on=seen_on,
        valid_until=timezone.localdate(ends), added_by=principals.person_of(by), added_at=now,
    )  # fmt: skip
