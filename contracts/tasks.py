"""What the clock asks of the room: days of contracts that somebody must know of, renewals, and due looks."""

from datetime import timedelta

from django.db.models import Case, DateField, QuerySet, Value, When
from django.utils import timezone

from contracts import law
from contracts.agreements import lifecycle
from contracts.coverage import looking
from contracts.models import Contract, LegalProfile
from jobs import dated, queue, tasks

EVERY = timedelta(minutes=10)
AHEAD = (90, 30, 7, 0)


@queue.handler("contracts.renewals", every=EVERY)
def sweep_renewals(running: queue.Running) -> None:
    """Record the contracts that renewed by themselves."""
    lifecycle.record_renewed(now=timezone.now())


@queue.handler("contracts.looks", every=EVERY)
def sweep_looks(running: queue.Running) -> None:
    """Hold the contracts of vendors against what is demanded, where something has changed."""
    looking.sweep(now=timezone.now())


def _to_decide() -> "QuerySet[Contract]":
    return Contract.objects.undecided().filter(renewal=Contract.Renewal.AUTOMATIC)


def _law_to_come() -> "QuerySet[LegalProfile]":
    """Return the profiles of units to which a rule that waits for its day applies, or may, with the next such day."""
    coming = law.to_come(law.load(), timezone.localdate())
    cases = [When(LegalProfile.may_apply(rule), then=Value(rule.valid_from)) for rule in coming]
    day = Case(*cases, default=None, output_field=DateField(null=True))
    return LegalProfile.objects.annotate(law_day=day).filter(law_day__isnull=False)


tasks.tell_days_of(
    dated.Dated(
        "contract notice",
        _to_decide,
        day="notice_by",
        ahead="contract.notice_due",
        passed="contract.notice_missed",
        before=AHEAD,
    ),
    # That it renewed is recorded with the term that follows: contract.renewed.
    dated.Dated("contract renewal", _to_decide, day="ends_on", ahead="contract.renewing", before=AHEAD),
    dated.Dated(
        "contract end",
        Contract.objects.running_out,
        day="ends_on",
        ahead="contract.ending",
        passed="contract.end_passed",
        before=AHEAD,
    ),
    dated.Dated(
        "contract review",
        Contract.objects.live,
        day="review_on",
        ahead="contract.review_due",
        passed="contract.review_missed",
        before=AHEAD,
    ),
    dated.Dated("law to come", _law_to_come, day="law_day", ahead="legal_profile.law_near", before=AHEAD),
)
