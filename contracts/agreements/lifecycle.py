"""Steps that move a contract from one state to the next, and what is decided about its term."""

from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from accounts import steps
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, step
from audit.context import SYSTEM
from contracts import days
from contracts.agreements import agreeing
from contracts.agreements.agreeing import ContractInvalid
from contracts.coverage import looking
from contracts.models import Contract
from riskregister import nouns, sweeps, transitions
from riskregister.unit_of_work import unit_of_work
from vendors import fields

WRITE, Status = Capability.WRITE, Contract.Status


@step("contract.sent_for_signing", needs=WRITE, to=Status.SIGNING)
def send_for_signing(contract: Contract, *, by: Principal, now: datetime) -> Contract:
    """Return the contract, now to be signed."""
    return contract


@step("contract.returned", needs=WRITE, to=Status.DRAFTING, reason="reason")
def return_to_drafting(contract: Contract, *, reason: str, by: Principal, now: datetime) -> Contract:
    """Return a contract that was not signed, in drafting again."""
    return contract


@step("contract.signed", needs=WRITE, frm=(Status.SIGNING,), to=Status.ACTIVE)
def sign(
    contract: Contract, *, signed_on: date, starts_on: date, by: Principal, now: datetime, ends_on: date | None = None
) -> Done[Contract]:
    """Return the contract, signed by both sides; without `ends_on` its end stays as it was drafted.

    Raises ContractInvalid for a day of signing to come, or days that do not fit together.
    """
    contract.signed_on = fields.day(signed_on, "signed_on")
    contract.starts_on = fields.day(starts_on, "starts_on")
    contract.ends_on = fields.day(ends_on, "ends_on") or contract.ends_on
    _refuse_future(signed_on, now=now, field="signed_on")
    agreeing.refuse_unfit(contract)
    contract.reckon_notice()
    end = contract.ends_on.isoformat() if contract.ends_on else None
    done = Done(contract, signed_on=signed_on.isoformat(), starts_on=starts_on.isoformat(), ends_on=end)
    return done.and_then(lambda: looking.look(contract.vendor, now=now))


@step("contract.review_started", needs=WRITE, frm=(Status.ACTIVE,), to=Status.UNDER_REVIEW, note="reason")
def start_review(contract: Contract, *, by: Principal, now: datetime, reason: str = "") -> Contract:
    """Return a contract in force, which holds on while it is under review."""
    return contract


@step("contract.reviewed", needs=WRITE, frm=(Status.UNDER_REVIEW,), to=Status.ACTIVE, reason="note")
def finish_review(
    contract: Contract, *, note: str, by: Principal, now: datetime, review_on: date | None = None
) -> Contract:
    """Return the contract as reviewed; `review_on` is when to look at it again. Raises ContractInvalid for the past."""
    wanted = fields.day(review_on, "review_on")
    if wanted is not None and wanted <= timezone.localdate(now):
        raise ContractInvalid("Give a day to come, or none.", field="review_on")
    contract.review_on = wanted
    return contract


@step("contract.ended", needs=WRITE, to=Status.ENDED, reason="reason")
def end(contract: Contract, *, ended_on: date, reason: str, by: Principal, now: datetime) -> Done[Contract]:
    """Return the contract, which gives nothing any more. Raises ContractInvalid for a day to come or before it began,
    Refused for a year that cannot be meant.
    """
    fields.day(ended_on, "ended_on")
    _refuse_future(ended_on, now=now, field="ended_on")
    if contract.starts_on and ended_on < contract.starts_on and contract.status in Contract.LIVE:
        raise ContractInvalid("It had not started then. Give a later day.", field="ended_on")
    contract.ended_on, contract.end_reason, contract.notice_by = ended_on, reason, None
    done = Done(contract, ended_on=ended_on.isoformat())
    return done.and_then(lambda: looking.look(contract.vendor, now=now))


@step("contract.kept", needs=WRITE, frm=Contract.LIVE, reason="reason")
def keep(contract: Contract, *, reason: str, by: Principal, now: datetime) -> Done[Contract]:
    """Return a contract that renews by itself, of which somebody decided that it goes on after this term."""
    end_ = _renewing(contract, now=now)
    contract.ends_on = contract.kept_until = end_
    contract.reckon_notice()
    return Done(contract, until=end_.isoformat())


@step("contract.notice_given", needs=WRITE, frm=Contract.LIVE, note="note")
def give_notice(contract: Contract, *, given_on: date, by: Principal, now: datetime, note: str = "") -> Done[Contract]:
    """Return a contract that will not renew: notice was given, by either side, and its term is the last.

    Raises ContractInvalid for a day to come, for one before it was signed, and for one that is too late for the term
    that runs.
    """
    _refuse_future(given_on, now=now, field="given_on")
    if contract.signed_on and given_on < contract.signed_on:
        raise ContractInvalid("It had not been signed then. Give a later day.", field="given_on")
    end_ = _renewing(contract, now=now)
    last = days.notice_by(end_, contract.notice_days)
    if last is not None and given_on > last:
        raise ContractInvalid(
            f"The last day for it was {last.day} {last:%B %Y}. If the other side lets it end all the same, change what"
            " happens at its end.",
            field="given_on",
        )
    contract.notice_given_on, contract.ends_on = given_on, end_
    contract.reckon_notice()
    return Done(contract, given_on=given_on.isoformat(), until=end_.isoformat())


def record_renewed(*, now: datetime) -> int:
    """Record which contracts renewed by themselves, each in its own transaction; return how many."""
    past = Contract.objects.renewing().filter(ends_on__lt=timezone.localdate(now))
    return sum(_record_renewed(key, now=now) for key in sweeps.keys(past))


def _record_renewed(key: UUID, *, now: datetime) -> bool:
    today = timezone.localdate(now)
    with unit_of_work():
        contract = Contract.objects.filter(pk=key).first()
        if contract is None:
            return False
        nouns.hold(contract)
        was = contract.ends_on
        if was is None or was >= today or not contract.goes_on or contract.status not in Contract.LIVE:
            return False
        until = contract.term_end(today=today) or was
        decided = contract.kept_until == was
        by = days.notice_by(until, contract.notice_days)
        transitions.change_if(contract, {"ends_on": was, "notice_given_on": None}, ends_on=until, notice_by=by)
        steps.record(
            "contract.renewed", contract, by=SYSTEM, now=now,
            was=was.isoformat(), until=until.isoformat(), was_decided=decided,
        )  # fmt: skip
        return True


def _renewing(contract: Contract, *, now: datetime) -> date:
    end_ = contract.term_end(today=timezone.localdate(now))
    if not contract.goes_on or end_ is None:
        raise ContractInvalid("It does not renew by itself, so there is nothing to decide: end it when it is over.")
    return end_


def _refuse_future(day: date, *, now: datetime, field: str) -> None:
    if day > timezone.localdate(now):
        raise ContractInvalid("Give a day that has come, today at the latest.", field=field)
