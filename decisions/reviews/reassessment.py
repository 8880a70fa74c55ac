"""From a review to the assessment that it is the occasion for."""

from datetime import datetime

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import step
from assessments import lifecycle
from assessments.models import Assessment
from catalogue.models import QuestionSet
from decisions.models import Review
from decisions.reviews import reviewers, reviews

_KIND = {
    Review.Trigger.CADENCE: Assessment.Kind.PERIODIC,
    Review.Trigger.EVENT: Assessment.Kind.TRIGGERED,
    Review.Trigger.REQUEST: Assessment.Kind.TRIGGERED,
}


@step("review.started", needs=Capability.WRITE, frm=Review.WAITING, makes=Assessment, records=False)
def start(review: Review, *, by: Principal, now: datetime, question_set: QuestionSet | None = None) -> Assessment:
    """Return a new draft for the review's server, assigned and due as the review is, and linked to it.

    `question_set` is the one of today's installation unless given.

    Whoever no longer works in the unit is passed over for the person who starts. Raises what `lifecycle.begin` and
    `reviews.link` raise.
    """
    assigned = review.assignee
    assessment = lifecycle.begin(
        review.server,
        kind=_KIND[Review.Trigger(review.trigger)],
        by=by,
        now=now,
        assignee=assigned if assigned and reviewers.can_review(assigned, review.server) else None,
        due_on=review.due_on,
        question_set=question_set,
    )
    reviews.link(review, assessment, by=by, now=now)
    return assessment
