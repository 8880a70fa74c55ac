"""Forms about deployments."""

from typing import Any

from django import forms

from accounts import signing
from accounts.models import User
from vendors.models import Deployment, Server
from vendors.models.deployment import FACTS
from vendors.registering import deployments
from web.forms.editing import EditForm
from web.forms.fields import owners
from web.forms.fields.days import DATE
from web.forms.servers.servers import exposure_fields

_YES_NO = {"yes": True, "no": False, "": None}
PLAIN = ("name", "environment", "agent", "owner", "in_use_since", "governance_revision")


class DeploymentForm(EditForm):
    """Where a server runs and for whom, and the eight facts that its tier follows from."""

    name = forms.CharField(max_length=160, help_text="e.g. Support desk")
    environment = forms.ChoiceField(choices=Deployment.Environment.choices)
    agent = forms.CharField(max_length=200, label="Agent or use case", help_text="Who calls its tools.")
    owner = forms.ModelChoiceField(queryset=User.objects.none(), required=False, empty_label="Nobody yet")
    in_use_since = forms.DateField(
        required=False, label="In use since", widget=DATE, help_text="Leave it empty while it is planned."
    )
    personal_data = forms.ChoiceField(
        required=False,
        label="Personal data",
        choices=[("", "Not known yet"), ("yes", "Reaches personal data"), ("no", "Reaches none")],
    )
    governance_tier = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Not set"), (1, "Governance tier 1"), (2, "Governance tier 2"), (3, "Governance tier 3")],
        help_text="The set of controls that it runs under.",
    )
    governance_revision = forms.ChoiceField(
        required=False,
        label="Revision of MI-20",
        choices=[("", "Not set"), *Deployment.GovernanceRevision.choices],
        help_text="Tiers 1 and 2 of the draft are the other way round in the approved specification.",
    )

    step = deployments.edit_deployment

    def __init__(self, *args: Any, server: Server, deployment: Deployment | None = None, **kwargs: Any) -> None:
        """Start from a deployment's facts and offer the people of the server's unit."""
        super().__init__(*args, row=deployment, **kwargs)
        owner = deployment.owner if deployment else None
        owners.offer(self.fields["owner"], unit_id=server.unit_id, owner=owner)
        self.fields |= exposure_fields()

    @classmethod
    def begin(cls, row: Deployment) -> dict[str, Any]:
        """Return the deployment's facts, as the form words them."""
        words = {value: word for word, value in _YES_NO.items()}
        known = {name: getattr(row, name) for name in (*PLAIN, *FACTS)}
        return known | {"personal_data": words[row.personal_data], "governance_tier": row.governance_tier or ""}

    def clean_personal_data(self) -> bool | None:
        """Return yes, no or not known."""
        return _YES_NO[self.cleaned_data["personal_data"]]

    @property
    def about(self) -> list[forms.BoundField]:
        """Return the fields that say what it is."""
        return [bound for bound in self if bound.name not in (*FACTS, signing.FIELD)]

    @property
    def signature(self) -> list[forms.BoundField]:
        """Return the field for the password, where it is asked for."""
        return [bound for bound in self if bound.name == signing.FIELD]

    @property
    def exposure(self) -> list[forms.BoundField]:
        """Return the fields that its tier follows from."""
        return [bound for bound in self if bound.name in FACTS]


class EndForm(forms.Form):
    """The last day of a deployment."""

    on = forms.DateField(label="Last day", widget=DATE)
