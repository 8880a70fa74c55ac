"""How use cases, business processes, shared services and technical profiles are listed."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts.filters import UnitKey
from landscape.models import BusinessProcess, SharedService, Substitutability, TechnicalProfile, UseCase
from riskregister.filters import Choice, FilterSet, Flag, Key, Searchable
from riskregister.lists import Column, Kind, List
from vendors.models import Deployment, Server, Vendor


class ProcessFilters(Searchable):
    """Which business processes."""

    on_page = ("search", "status", "is_critical", "unit")

    status = Choice(label="State", empty="Any state", choices=BusinessProcess.Status.choices)
    is_critical = Flag(label="Critical or important", yes="Critical or important", no="Neither")
    unit = UnitKey()


def _processes(user: Any) -> QuerySet[BusinessProcess]:
    return BusinessProcess.objects.visible_to(user).select_related("unit", "owner")


def _recovery(row: BusinessProcess, _today: date) -> str:
    # In words: as a number what nobody knows would read as 0.
    return "" if row.recovery_hours is None else f"{row.recovery_hours} h"


PROCESSES = List(
    word="business processes",
    rows=_processes,
    filters=ProcessFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Process", "name", Kind.TITLE, sort="name", sub="unit.name"),
        Column("State", "status", Kind.BADGE, looks="business process"),
        Column("Critical or important", "is_critical", Kind.RATED, looks="known"),
        Column("Goes on within", _recovery, Kind.WORDS, sort="recovery_hours", empty="Not known", field=""),
        Column("Owner", "owner.name", Kind.PERSON, empty="Nobody yet"),
    ),
    sorts={"number": "number", "name": "name number", "recovery_hours": "recovery_hours? number"},
    default="-number",
)


class UseCaseFilters(Searchable):
    """Which use cases."""

    on_page = ("search", "status", "follows_alias", "unit")

    status = Choice(label="State", empty="Any state", choices=UseCase.Status.choices)
    follows_alias = Flag(label="Model", yes="Follows a moving alias", no="Follows none")
    unit = UnitKey()
    model_vendor = Key(field_name="model_vendor_id", label="Model of", rows=Vendor.objects.visible_to, only_asked=True)
    process = Key(
        field_name="processes__process_id", label="Process", rows=BusinessProcess.objects.visible_to, only_asked=True
    )
    deployment = Key(
        field_name="served_by__deployment_id", label="Deployment", rows=Deployment.objects.visible_to, only_asked=True
    )


def _use_cases(user: Any) -> QuerySet[UseCase]:
    return UseCase.objects.visible_to(user).select_related("unit", "owner", "model_vendor")


def model_of(row: UseCase) -> str:
    """Return the model of a use case in words, empty where none is on record."""
    return " ".join(one for one in (row.model_name, row.model_version) if one)


USE_CASES = List(
    word="use cases",
    rows=_use_cases,
    filters=UseCaseFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Use case", "name", Kind.TITLE, sort="name", sub="unit.name"),
        Column("State", "status", Kind.BADGE, looks="use case"),
        Column("Model", lambda row, _today: model_of(row), empty="Not known", sub="model_vendor.name", field=""),
        Column("Follows a moving alias", "follows_alias", Kind.RATED, looks="known"),
        Column("Owner", "owner.name", Kind.PERSON, empty="Nobody yet"),
    ),
    sorts={"number": "number", "name": "name number"},
    default="-number",
)


class SharedServiceFilters(Searchable):
    """Which shared services."""

    on_page = ("search", "kind", "status", "unit")

    kind = Choice(label="Kind", empty="Any kind", choices=SharedService.Kind.choices)
    status = Choice(label="State", empty="Any state", choices=SharedService.Status.choices)
    assessed = Flag(field_name="assessed_on", lookup_expr="isnull", exclude=True, label="Assessed", yes="Once at least",
                    no="Never")  # fmt: skip
    is_single_point = Flag(label="Single point of failure", yes="It is one", no="It is none")
    can_be_bypassed = Flag(label="Bypass", yes="Can be bypassed", no="Cannot be bypassed")
    unit = UnitKey()
    vendor = Key(field_name="vendor_id", label="Vendor", rows=Vendor.objects.visible_to, only_asked=True)
    deployment = Key(
        field_name="in_front_of__deployment_id", label="Deployment", rows=Deployment.objects.visible_to, only_asked=True
    )


def _services(user: Any) -> QuerySet[SharedService]:
    return SharedService.objects.visible_to(user).select_related("unit", "owner", "vendor")


SHARED_SERVICES = List(
    word="shared services",
    rows=_services,
    filters=SharedServiceFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Service", "name", Kind.TITLE, sort="name", sub=lambda row, _today: row.unit or "All units"),
        Column("Kind", "get_kind_display", Kind.WORDS),
        Column("State", "status", Kind.BADGE, looks="shared service"),
        Column(
            "Assessment",
            lambda row, today: row.assessment_state(today=today),
            Kind.BADGE,
            looks="service assessment",
            field="assessment_state",
        ),
        Column("Counts until", "assess_again_on", Kind.DAY, sort="assess_again_on", empty="Never assessed"),
        Column("Single point of failure", "is_single_point", Kind.RATED, looks="known"),
        Column("Can be bypassed", "can_be_bypassed", Kind.RATED, looks="known"),
    ),
    sorts={"number": "number", "name": "name number", "assess_again_on": "assess_again_on? number"},
    default="-number",
)


class TechnicalProfileFilters(FilterSet):
    """Which technical profiles."""

    on_page = ("tls", "mutual_tls", "calls_logged", "is_contained", "unit")

    tls = Choice(label="TLS", empty="Any TLS", choices=TechnicalProfile.Tls.choices)
    mutual_tls = Flag(label="Mutual TLS", yes="With mutual TLS", no="Without it")
    calls_logged = Flag(label="Logs", yes="Calls are logged", no="Calls are not logged")
    is_contained = Flag(label="Container", yes="In a container", no="In none")
    unit = UnitKey(field_name="deployment__server__unit_id")
    server = Key(field_name="deployment__server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    deployment = Key(
        field_name="deployment_id", label="Deployment", rows=Deployment.objects.visible_to, only_asked=True
    )


def _profiles(user: Any) -> QuerySet[TechnicalProfile]:
    rows = TechnicalProfile.objects.visible_to(user)
    return rows.select_related("deployment__server__unit", "fallback", "written_by")


TECHNICAL_PROFILES = List(
    word="technical profiles",
    rows=_profiles,
    filters=TechnicalProfileFilters,
    columns=(
        Column("Deployment", "deployment.name", Kind.TITLE, sub="deployment.server.title"),
        Column("Transport", "get_transport_display", Kind.WORDS, empty="Not known"),
        Column("Oldest TLS", "get_tls_display", Kind.WORDS, empty="Not known"),
        Column("Mutual TLS", "mutual_tls", Kind.RATED, looks="known"),
        Column("Certificate ends", "certificate_ends_on", Kind.DUE, empty="Not known"),
        Column("Key to be rotated by", "key_rotation_due_on", Kind.DUE, empty="Not known"),
        Column("Calls are logged", "calls_logged", Kind.RATED, looks="known"),
        Column("In a container", "is_contained", Kind.RATED, looks="known"),
        Column("Written", "written_at", Kind.MOMENT, sort="-written_at"),
    ),
    sorts={"written_at": "written_at id"},
    default="-written_at",
)


class SubstitutabilityFilters(FilterSet):
    """What is said of which servers and vendors."""

    level = Choice(label="Can be replaced", empty="Any", choices=Substitutability.Level.choices)
    unit = UnitKey()
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    vendor = Key(field_name="vendor_id", label="Vendor", rows=Vendor.objects.visible_to, only_asked=True)


def _substitutabilities(user: Any) -> QuerySet[Substitutability]:
    return Substitutability.objects.visible_to(user).select_related("server", "vendor", "unit", "judged_by")


SUBSTITUTABILITIES = List(
    word="substitutabilities",
    rows=_substitutabilities,
    filters=SubstitutabilityFilters,
    sorts={"judged_at": "judged_at id"},
    default="-judged_at",
)
