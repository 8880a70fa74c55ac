"""The form of a technical profile."""

from typing import Any

from django import forms

from landscape import technical_profiles
from landscape.models import TechnicalProfile
from vendors.models import Deployment, Server
from web.forms.editing import EditForm
from web.forms.fields.days import DATE
from web.forms.fields.known import KnownOrNot
from web.forms.fields.lines import Lines

_OPEN = [("", "Not known yet")]


def _word(label: str, limit: int, help_text: str = "") -> forms.CharField:
    return forms.CharField(required=False, max_length=limit, label=label, help_text=help_text)


def _number(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=1, label=label, help_text=help_text)


class TechnicalProfileForm(EditForm):
    """How a deployment is reached, protected, recorded, walled in, and what happens when it fails."""

    step = technical_profiles.rewrite

    transport = forms.ChoiceField(required=False, choices=[*_OPEN, *TechnicalProfile.Transport.choices])
    tls = forms.ChoiceField(
        required=False, label="Oldest TLS that it takes", choices=[*_OPEN, *TechnicalProfile.Tls.choices]
    )
    mutual_tls = KnownOrNot(label="Mutual TLS", help_text="Both sides show a certificate.")
    certificate_owner = _word("Who renews the certificate", 120)
    certificate_ends_on = forms.DateField(
        required=False, label="Certificate ends on", widget=DATE, help_text="You are told 30, 7 and 0 days before."
    )
    authentication = forms.ChoiceField(
        required=False,
        label="How callers show who they are",
        choices=[*_OPEN, *TechnicalProfile.Authentication.choices],
    )
    token_minutes = _number("Token lifetime, in minutes")
    key_rotation_days = _number("Days between two keys", "How often the key is replaced.")
    key_rotated_on = forms.DateField(required=False, label="Key replaced last on", widget=DATE)
    calls_logged = KnownOrNot(label="Calls are logged", help_text="Each call of a tool leaves an entry.")
    logs_what = _word("What is logged", 300, "e.g. person, tool, arguments, outcome.")
    logs_where = _word("Where logs live", 200)
    logs_days = _number("Days that logs are kept")
    signatures_checked = KnownOrNot(label="Signatures of results are checked", help_text="")
    checksums_checked = KnownOrNot(label="Checksums of results are checked", help_text="")
    schema_checked = KnownOrNot(label="Results are checked against a schema", help_text="")
    business_rules_checked = KnownOrNot(
        label="Results are checked by business rules", help_text="e.g. no price below zero."
    )
    cross_checked = KnownOrNot(label="Results are compared with another source", help_text="")
    freshness_minutes = _number("Oldest data that is used, in minutes")
    freshness_pointer = _word(
        "Where the timestamp stands", 300, "A JSON pointer into the result, such as /data/updated_at."
    )
    is_contained = KnownOrNot(label="Runs in a container or sandbox", help_text="")
    segment = _word("Network segment", 120)
    egress_hosts = Lines(label="Hosts that it may reach", help_text="One a line. Empty: not known.")
    limits = _word("Limits", 300, "Memory, CPU, calls a minute.")
    has_circuit_breaker = KnownOrNot(
        label="Circuit breaker", help_text="After several failures no more calls are sent for a while."
    )
    fallback = forms.ModelChoiceField(
        queryset=Server.objects.none(), required=False, label="Server that takes its place", empty_label="None known"
    )
    degraded_mode = _word("What still works without it", 300)
    safe_agent = _word("What the agent does then", 300, "e.g. it stops and asks a person.")

    def __init__(self, *args: Any, deployment: Deployment, **kwargs: Any) -> None:
        """Offer the other servers of its unit."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["fallback"]
        others = Server.objects.filter(unit=deployment.server.unit_id).exclude(pk=deployment.server_id)
        field.queryset = others.exclude(status__in=Server.OUT_OF_USE).only("number", "title").order_by("title")
