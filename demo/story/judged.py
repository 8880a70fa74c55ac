"""A vendor that publishes no server and stands behind others is assessed itself: GitHub, where releases are hosted."""

from datetime import timedelta
from functools import partial

from assessments import lifecycle, vendor_starts
from assessments.answers import answering, scored_lines
from assessments.models import Answer, Assessment
from demo.diary import Diary
from demo.organisation import Organisation
from demo.story.case import EVENTS_AGO, EXAMPLE
from evidence import records
from evidence.models import Evidence
from vendors.models import Vendor

# What is answered otherwise than soundly, and raises its finding.
WEAK = {"operational_resilience.recovery_tests": "plan", "operational_resilience.exit_terms": "notice_only"}
SOUND = 3


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary who assesses it; it is on the register since 44 days ago."""
    diary.on(41, partial(_answer, diary, organisation))
    diary.on(39, partial(_finalise, diary, organisation))


def _answer(diary: Diary, organisation: Organisation) -> None:
    jonas = organisation.person("jonas")
    github = Vendor.objects.get(name="GitHub")
    begun = diary.do(jonas, vendor_starts.start, github, kind=Assessment.Kind.INITIAL)
    page = diary.do(
        jonas, records.add_link, "https://github.com/security",
        title="What GitHub says of its security", issuer=Evidence.Issuer.VENDOR, unit=None,
    )  # fmt: skip
    for row in scored_lines.applicable(begun, scored_lines.answers_of(begun)):
        _say(diary, organisation, row, page)
    diary.do(jonas, lifecycle.submit, Assessment.objects.get(pk=begun.pk))


def _say(diary: Diary, organisation: Organisation, row: Answer, page: Evidence) -> None:
    jonas, options = organisation.person("jonas"), list(row.question.options.all())
    usual = min(options, key=lambda one: (abs(one.quarters - SOUND), -one.quarters))
    day = diary.today - timedelta(days=EVENTS_AGO) if row.question.event else None
    diary.do(
        jonas, answering.answer, row,
        choice=Answer.Choice.OPTION, option_key=WEAK.get(row.question.key, usual.key), version=row.version,
        comment=EXAMPLE, event_on=day,
    )  # fmt: skip
    diary.do(jonas, answering.attach, row, page)


def _finalise(diary: Diary, organisation: Organisation) -> None:
    begun = Assessment.objects.of_vendors().get(vendor__name="GitHub")
    diary.do(organisation.person("mei"), lifecycle.finalise, begun)
