"""Whatever has a day to come is told of, or says why not: nothing that somebody relies on ends in silence."""

import re

from django.apps import apps
from django.db.models import DateField

from jobs import dated

TO_COME = re.compile(r"(^|_)(due_on|until|expires_on|ends_on|target_on|review_on|again_on|changes_on|by|last_on)$")
# What a model calls the day, and why nobody is told of it.
UNTOLD = {
    "alerts.Deputy.last_on": "Whoever named the deputy chose the day, and nothing else counts by it.",
    "assurance.Certificate.ends_on": "What the document says; the day until which it counts follows from it.",
    "assurance.AssuranceLook.changes_on": "Kept of certificates and rounds, which tell of their days.",
    "composition.ExploitedEntry.due_on": "The findings that it is about are due by it.",
    "composition.Statement.until": "The suppressions that rest on it tell of theirs, which is no later.",
    "contracts.Contract.kept_until": "The end of a term, which tells of itself.",
    "controls.SourcedStatuses.valid_until": "Kept of certificates, contracts, tests and looks.",
    "controls.TierMilestone.due_on": "Its plan tells: tier_plan.due_soon, tier_plan.overdue.",
    "decisions.Approval.valid_until": "A sweep of its own tells: approval.ending, approval.expired.",
    "decisions.Review.due_on": "A sweep of its own tells: review.reminded, review.overdue.",
    "decisions.ServerRating.approved_until": "Kept of the approval.",
    "decisions.ServerRating.next_review_on": "Kept of the review.",
    "findings.Milestone.due_on": "Its plan tells of its next step.",
    "findings.RemediationPlan.target_on": "Its last step, of which it tells.",
}


def test_what_has_a_day_to_come_is_told_of_or_says_why_not() -> None:
    told = {(one.rows().model, one.day) for one in dated.every()}
    silent = {
        f"{model._meta.label}.{one.name}"
        for model in apps.get_models()
        for one in model._meta.concrete_fields
        if isinstance(one, DateField)
        and one.get_internal_type() == "DateField"
        and TO_COME.search(one.name)
        and (model, one.name) not in told
    }

    assert silent == set(UNTOLD)
    assert len(told) > 25


def test_what_has_an_end_is_told_of_before_it_or_its_end_is_what_opens_it_again() -> None:
    assert [one.word for one in dated.every() if not one.ahead] == ["unapproved use"]
