"""How statuses of controls are listed."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.filters import PersonKey, UnitKey
from accounts.models import User
from catalogue.models import Framework
from controls.models import ControlStatus, Place, Word
from landscape.models import SharedService
from riskregister.filters import Choice, Day, Exact, Flag, Key, Overdue, Searchable
from riskregister.lists import Column, Kind, List
from vendors.models import Deployment, Server


def owners(user: Any) -> "QuerySet[User]":
    """Return the people who own a status that the person may see."""
    owned = ControlStatus.objects.visible_to(user).filter(owner=OuterRef("pk"))
    return User.objects.filter(Exists(owned)).order_by("name").only("name")


def _frameworks() -> list[tuple[str, str]]:
    return list(Framework.objects.current().order_by("title").values_list("key", "title"))


class ControlStatusFilters(Searchable):
    """Which statuses."""

    on_page = ("search", "framework", "state", "place", "unit", "owner", "is_overdue", "is_orphaned")
    ranges = {"ends_before": "valid_until"}

    framework = Exact(
        field_name="control__framework__key", label="Framework", offered=_frameworks, empty="Any framework"
    )
    control = Exact(field_name="control__ref", label="Control", lookup_expr="reads")
    state = Choice(label="Status", empty="Any status", choices=Word.choices)
    place = Choice(label="For", empty="Anything", choices=Place.choices)
    unit = UnitKey()
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    deployment = Key(
        field_name="deployment_id", label="Deployment", rows=Deployment.objects.visible_to, only_asked=True
    )
    service = Key(
        field_name="service_id", label="Shared service", rows=SharedService.objects.visible_to, only_asked=True
    )
    owner = PersonKey(field_name="owner_id", label="Owner", people=owners)
    is_overdue = Overdue()
    is_orphaned = Flag(
        method="by_orphaned", label="Control", empty="Any control", yes="In no current revision", no="Current"
    )
    ends_before = Day(field_name="valid_until", lookup_expr="lt", label="Valid until before")

    def by_orphaned(self, rows: "QuerySet[ControlStatus]", name: str, value: Any) -> "QuerySet[ControlStatus]":
        """Return those of controls that no current revision has, or all others."""
        if value is None:
            return rows
        current = rows.filter(control__framework__status=Framework.CURRENT)
        return rows.exclude(control__framework__status=Framework.CURRENT) if value else current


def _rows(user: Any) -> "QuerySet[ControlStatus]":
    rows = ControlStatus.objects.visible_to(user).with_names()
    # A status and what it refers to have a hundred columns, of which the list shows these.
    own = ("number", "place", "state", "as_of", "valid_until", "due_on", "service")
    of_control = ("control__ref", "control__title", "control__framework")
    about = ("server__number", "server__title", "deployment__number", "deployment__name", "deployment__environment")
    return rows.only(*own, *of_control, *about, "owner__name")


def _where(row: ControlStatus, _today: date) -> str:
    return str(row.about or "The whole organisation")


def _control(row: ControlStatus, _today: date) -> str:
    gone = " · in no current revision" if row.is_orphaned else ""
    return f"{row.control.title} · {row.control.framework.title}{gone}"


CONTROL_STATUSES = List(
    word="control statuses",
    rows=_rows,
    filters=ControlStatusFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Control", "control.ref", Kind.TITLE, sub=_control),
        Column("For", _where, field=""),
        Column("Status", "state", Kind.BADGE, looks="control status"),
        Column("As of", "as_of", Kind.DAY, sort="-as_of"),
        Column("Valid until", "valid_until", Kind.DAY, sort="valid_until", empty="Open"),
        Column("Due", "due_on", Kind.DUE, sort="due_on", matters=lambda row, _today: row.waits),
        Column("Owner", "owner.name", Kind.PERSON, empty="Nobody"),
    ),
    sorts={
        "number": "number",
        "as_of": "as_of number",
        "valid_until": "valid_until? number",
        "due_on": "due_on? number",
    },
    default="-number",
)
