"""The card of what we can prove on paper."""

from reports.models import Report
from riskregister import nouns
from riskregister.nouns import FieldHistory, Noun, Page

nouns.register(
    Noun(
        Report,
        prefix="RP",
        verbs=("report",),
        subject="assessment.subject",
        is_of_all_units=True,
        pages=(Page("report-detail"),),
        places={"requester": ("requested_by",), "also_asked": ("awaited_by",)},
        # What a report prints can be megabytes; its digest is kept.
        field_history=FieldHistory(leaves_out=("data",)),
    ),
)
