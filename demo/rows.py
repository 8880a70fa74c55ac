"""Which rows belong to the demo organisation, and what of the real register rests on them."""

import operator
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from graphlib import TopologicalSorter
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import ForeignKey, Model, Q, QuerySet

from accounts.models import Unit, User
from alerts.models import Alert, AlertRule, Delivery, Message
from assessments.models import AnswerEvidence
from assurance.models import Certificate, DueDiligenceItem
from composition.models import (
    Advisory,
    ExploitedEntry,
    Identifier,
    Inventory,
    PackageVersion,
    Statement,
    Vulnerability,
)
from contracts.models import Clause, Contract
from controls.models import ControlStatus
from evidence.models import Evidence
from feeds.models import Feed
from findings.models import FixClaim
from intake.models import ServerRequest
from jobs.models import Job
from landscape.models import SharedService
from reports.models import Report
from riskregister import nouns
from vendors.models import Server, Vendor

# What feeds bring, and may outlive them.
_FED: tuple[type[Model], ...] = (Advisory, ExploitedEntry)
# Lookups with their values, of which one holds.
Condition = tuple[tuple[str, Any], ...]


def drop(found: Iterable["QuerySet[Any]"]) -> None:
    """Delete rows table by table, in the order given.

    The collector of `delete()` is passed by: it refuses rows that protect each other even when all of them go. What
    still refers to a row that is gone fails with the transaction.
    """
    for rows in found:
        rows._raw_delete(rows.db)


def kept_units() -> "QuerySet[Unit]":
    """Return the demo units in which somebody registered a server of their own: these stay, as real units."""
    return Unit.objects.filter(is_demo=True, servers__is_demo=False).distinct()


def closing_units() -> "QuerySet[Unit]":
    """Return the demo units that go."""
    return Unit.objects.filter(is_demo=True).exclude(pk__in=kept_units().values("pk"))


def real_servers_on_demo() -> "QuerySet[Server]":
    """Return the servers that are not demo and rest on a demo vendor, its documents or its answers."""
    vendor = Q(suppliers__vendor__is_demo=True) | Q(assessments__vendor__is_demo=True)
    answers = Q(assessments__answers__evidence__unit__in=closing_units())
    reused = Q(assessments__answers__reused_from__assessment__is_demo=True)
    return Server.objects.filter(vendor | answers | reused, is_demo=False).distinct().order_by("number")


def real_vendors_on_demo() -> "QuerySet[Vendor]":
    """Return the vendors that are not demo and belong to a demo vendor, use one, have findings of demo servers, or were
    judged by answers of the demo.
    """
    related = Q(parent__is_demo=True) | Q(sub_processors__used__is_demo=True)
    observed = Q(findings__assessment__is_demo=True)
    reused = Q(assessments__server=None, assessments__answers__reused_from__assessment__is_demo=True)
    return Vendor.objects.filter(related | observed | reused, is_demo=False).distinct().order_by("number")


def real_rules_on_demo() -> "QuerySet[AlertRule]":
    """Return the rules of units that stay that are about a demo vendor: without it they would be about all."""
    return AlertRule.objects.filter(vendor__is_demo=True).exclude(unit__is_demo=True).order_by("number")


def reports(cast: list[User]) -> list[UUID]:
    """Return the reports on demo servers and closing units, and those on other units that demo people asked for."""
    elsewhere = (Q(unit=None) | Q(unit__in=kept_units())) & Q(assessment=None, requested_by__in=cast)
    on_demo = Q(assessment__is_demo=True) | Q(unit__in=closing_units())
    return list(Report.objects.filter(on_demo | elsewhere).values_list("pk", flat=True))


def requests(cast: list[User]) -> list[UUID]:
    """Return the requests in closing units and for demo servers, and those of demo people for what is not known yet."""
    asked = Q(server=None, asked_by__in=cast)
    found = ServerRequest.objects.filter(Q(unit__in=closing_units()) | Q(server__is_demo=True) | asked)
    return list(found.values_list("pk", flat=True))


def statements() -> list[UUID]:
    """Return what is said of demo servers, and of closing units as a whole."""
    found = Statement.objects.filter(Q(server__is_demo=True) | Q(server=None, unit__in=closing_units()))
    return list(found.values_list("pk", flat=True))


def evidence(cast: list[User]) -> list[UUID]:
    """Return the evidence of closing units, and what is of all or of a unit that stays and backs nothing real.

    The latter backs demo answers, or was added by one of the demo people and backs nothing at all.
    """
    backing = AnswerEvidence.objects.filter(answer__assessment__is_demo=True).values("evidence")
    elsewhere = AnswerEvidence.objects.filter(answer__assessment__is_demo=False).values("evidence")
    claimed = FixClaim.objects.filter(finding__is_demo=False).exclude(evidence=None).values("evidence")
    certified = Certificate.objects.filter(vendor__is_demo=False).values("evidence")
    looked_at = DueDiligenceItem.objects.filter(due_diligence__vendor__is_demo=False).exclude(evidence=None)
    stated = ControlStatus.objects.exclude(server__is_demo=True).exclude(evidence=None).values("evidence")
    agreed = Contract.objects.filter(vendor__is_demo=False).exclude(evidence=None).values("evidence")
    read = Clause.objects.filter(contract__vendor__is_demo=False).exclude(evidence=None).values("evidence")
    real = (elsewhere, claimed, certified, looked_at.values("evidence"), stated, agreed, read)
    staying = Q(unit=None) | Q(unit__in=kept_units())
    shared = staying & (Q(pk__in=backing) | Q(added_by__in=cast))
    for one in real:
        shared &= ~Q(pk__in=one)
    return list(Evidence.objects.filter(Q(unit__in=closing_units()) | shared).values_list("pk", flat=True))


def going(cast: list[User]) -> dict[type[Model], "QuerySet[Any]"]:
    """Return the rows of the demo by their table, from the leaves to the roots.

    A row is one of the demo when its card says so; else when the first row is that it cannot be without, such as the
    assessment of an answer. Whatever real would lose something is refused by its foreign key.
    """
    conditions: dict[type[Model], Condition] = {
        noun.model: tuple((one, True) for one in noun.demo) for noun in nouns.cards()
    }
    conditions |= {Report: (("pk__in", list(reports(cast))),), Evidence: (("pk__in", evidence(cast)),)}
    conditions |= {ServerRequest: (("pk__in", requests(cast)),), Statement: (("pk__in", statements()),)}
    conditions |= {} if is_watching() else {model: (("pk__in", _fed(model)),) for model in _FED}
    known: dict[type[Model], Condition] = {}
    for model in reversed(_leaves_first()):
        if condition := conditions.get(model) or _by_first(model, known):
            known[model] = condition
    return {model: _rows(model, condition) for model, condition in reversed(known.items())}


def is_watching() -> bool:
    """Return whether the register knows of the world by a feed of its own, or what a server of its own is built from.

    Then what the feeds of the demo brought stays: it is public and true, and those of its own may not bring it again.
    """
    own = Feed.objects.filter(is_demo=False), Inventory.objects.filter(server__is_demo=False)
    return any(some.exists() for some in own)


def _fed(model: type[Model]) -> list[UUID]:
    """Return the rows that the feeds of the demo brought: read now, since these feeds go before them."""
    return list(model._default_manager.filter(feed__is_demo=True).values_list("pk", flat=True))


def keep_what_was_fed() -> None:
    """Let what the feeds of the demo brought be of no feed, before these go."""
    for model in _FED:
        model._default_manager.filter(feed__is_demo=True).update(feed=None)


def nobody_speaks_of() -> Iterator["QuerySet[Any]"]:
    """Yield the names and versions of packages that no advisory, server or inventory has any more."""
    silent = Vulnerability.objects.filter(advisories=None, hits=None)
    yield Identifier.objects.filter(vulnerability__in=silent)
    yield silent
    yield PackageVersion.objects.filter(components=None, matches=None)


def _leaves_first() -> list[type[Model]]:
    """Return all tables, each before those whose rows its own cannot be without, or is known as demo by."""
    referring: TopologicalSorter[type[Model]] = TopologicalSorter()
    for model in apps.get_models(include_auto_created=True):
        noun = nouns.known(model)
        referring.add(model)
        named = {path.partition("__")[0] for path in noun.demo} if noun else set()
        for field in _references(model):
            if field.name in named or not field.null:
                referring.add(field.related_model, model)
    return list(referring.static_order())


def _by_first(model: type[Model], known: Mapping[type[Model], Condition]) -> Condition:
    """Return the condition that follows from the first reference that every row has."""
    for field in _references(model):
        if not field.null and field.related_model in known:
            return tuple((f"{field.name}__{path}", value) for path, value in known[field.related_model])
    return ()


def _references(model: type[Model]) -> "list[ForeignKey[Any, Any]]":
    return [one for one in model._meta.concrete_fields if isinstance(one, ForeignKey) and one.related_model != model]


def _rows(model: type[Model], condition: Condition) -> "QuerySet[Any]":
    any_of = reduce(operator.or_, (Q(one) for one in condition))
    return model._base_manager.filter(any_of)


def alerts(rows: Mapping[type[Model], "QuerySet[Any]"], *, readers: list[User]) -> Iterator["QuerySet[Any]"]:
    """Yield the alerts that lead to rows of the demo or wait for these people, before them their mail and its jobs."""
    shown = [rows[noun.model] for noun in nouns.cards() if noun.pages and noun.model in rows]
    leading = [pk for found in shown for pk in found.values_list("pk", flat=True)]
    leading_alerts = Alert.objects.filter(Q(object_id__in=leading) | Q(recipient__in=readers))
    keys = list(leading_alerts.values_list("pk", flat=True))
    # A message that tells of other things too stays, without these.
    others = Alert.objects.exclude(pk__in=keys).filter(delivery__isnull=False).values("delivery")
    mail = Delivery.objects.filter(Q(alerts__in=keys) | Q(recipient__in=readers)).exclude(pk__in=others)
    emptied = Delivery.objects.filter(pk__in=list(mail.values_list("pk", flat=True)))
    yield _jobs("alerts.send", "delivery", emptied)
    yield Alert.objects.filter(pk__in=keys)
    yield emptied


def jobs(rows: Mapping[type[Model], "QuerySet[Any]"]) -> Iterator["QuerySet[Any]"]:
    """Yield the jobs that draw reports, check servers, judge what runs behind services, and post to channels."""
    yield _jobs("reports.render", "report", rows[Report])
    yield _jobs("inspection.check", "server", rows[Server])
    yield _jobs("intelligence.match", "server", rows[Server])
    yield _jobs("intelligence.match_news", "feed", rows[Feed])
    yield _jobs("landscape.judge", "service", rows[SharedService])
    yield _jobs("alerts.post", "message", rows[Message])


def _jobs(kind: str, name: str, promised: "QuerySet[Any]") -> "QuerySet[Any]":
    keys = [str(pk) for pk in promised.values_list("pk", flat=True)]
    return Job.objects.filter(kind=kind, **{f"payload__{name}__in": keys})
