"""Findings as rows of a list, written from plain values: serializers take ten times as long."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import Choice
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.refs import Out
from findings.models import Finding
from scoring.scales import Severity

SEVERITIES = Severity.words()
_WORDS = {severity.value: severity.word for severity in Severity}
# What a row of the list is read from: one statement with four joins, no model instances.
COLUMNS = (
    "id", "number", "title", "severity", "dimension", "status", "source", "is_information_gap", "is_observed",
    "question_key", "last_observed_at", "created_at", "opened_at", "due_on", "closed_at", "is_demo",
    "unit_id", "unit__name", "unit__code", "server_id", "server__number", "server__title",
    "vendor_id", "vendor__number", "vendor__name", "owner_id", "owner__name",
)  # fmt: skip


@extend_schema_field(Choice(choices=SEVERITIES))
class SeverityWord(serializers.Field[int, Any, str, Any]):
    """A severity by its word."""

    def to_representation(self, value: int) -> str:
        """Return the word."""
        return _WORDS[value]

    def to_internal_value(self, data: Any) -> int:
        """Return the number for a word. Raises ValidationError."""
        if not isinstance(data, str) or data not in _WORDS.values():
            raise serializers.ValidationError(f"Choose one of: {', '.join(_WORDS.values())}.")
        return Severity.of(data).value


@extend_schema_field(Choice(choices=SEVERITIES, allow_null=True))
class SeverityIfAny(SeverityWord):
    """A severity by its word, null where there is none or nobody knows it."""


class _FromValues(serializers.ListSerializer[Any]):
    """Rows of the list."""

    def to_representation(self, data: Any) -> list[Any]:
        """Return the rows, of the values of COLUMNS."""
        today = timezone.localdate()
        return [_written(values, today=today) for values in data]


class FindingRow(Out):
    """A finding in a list; it is about a server of a unit, or about a vendor."""

    ref = serializers.CharField()
    severity = SeverityWord()
    unit = refs.UnitRef()
    server = refs.ServerRef()
    vendor = refs.VendorRef()
    owner = refs.PersonRef()
    is_overdue = serializers.SerializerMethodField()

    class Meta:
        model = Finding
        fields = (
            "id", "ref", "title", "severity", "dimension", "status", "source", "is_information_gap", "is_observed",
            "question_key", "last_observed_at", "created_at", "opened_at", "due_on", "closed_at", "is_overdue",
            "is_demo", "unit", "server", "vendor", "owner",
        )  # fmt: skip
        list_serializer_class = _FromValues

    def get_is_overdue(self, finding: Finding) -> bool:
        """Return whether it is being fixed and its day has passed."""
        return finding.is_overdue(today=timezone.localdate())


def _written(values: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """Return a row as FindingRow writes it, from the values of COLUMNS."""
    row = {name: values[name] for name in FindingRow.Meta.fields if name in values}
    return row | {
        "ref": Finding.ref_of(values["number"]),
        "severity": _WORDS[values["severity"]],
        "is_overdue": Finding.is_late(values["status"], values["due_on"], today=today),
        "unit": _ref(values, "unit", "name", "code"),
        "server": _ref(values, "server", "title", prefix="S"),
        "vendor": _ref(values, "vendor", "name", prefix="V"),
        "owner": _ref(values, "owner", "name"),
    }


def _ref(values: Mapping[str, Any], noun: str, *names: str, prefix: str = "") -> dict[str, Any] | None:
    key = values[f"{noun}_id"]
    if key is None:
        return None
    ref = {"ref": f"{prefix}-{values[f'{noun}__number']}"} if prefix else {}
    return {"id": key} | ref | {name: values[f"{noun}__{name}"] for name in names}
