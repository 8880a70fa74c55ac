"""Forms about requests for servers: asking, and what analysts do with them."""

from typing import Any

from django import forms

from accounts.models import Unit, User
from intake import asking
from intake.models import WHAT_LIMIT
from vendors import tiers
from vendors.models import Server
from web.forms.servers.servers import RegisterServerForm, levels

_DATA = next(fact for fact in tiers.load().facts if fact.key == "data_reached")
UNKNOWN = "I do not know"


class AskForm(forms.Form):
    """What somebody asks for; a server that is registered is named by the address of the page."""

    what = forms.CharField(
        label="Which server",
        max_length=WHAT_LIMIT,
        help_text="Its name, address, package or number: io.github.acme/crm, https://mcp.example.com, @acme/crm, S-12.",
    )
    purpose = forms.CharField(
        label="What for",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What you would do with it, and how often.",
    )
    data_reached = forms.ChoiceField(
        label="Data that it would reach",
        required=False,
        widget=forms.RadioSelect,
        choices=[*levels(_DATA)[:-1], ("", UNKNOWN)],
        initial="",
    )
    agent = forms.CharField(max_length=200, help_text="The agent or client that would use it, such as Claude Code.")
    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), empty_label=None)
    field_order = ("what", "unit", "purpose", "data_reached", "agent")

    def __init__(self, *args: Any, by: User, server: Server | None = None, **kwargs: Any) -> None:
        """Offer the units in which the person may ask; one alone, and that of a named server, is not asked for."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.queryset = asking.units(by)
        reached: Any = self.fields["data_reached"]
        reached.goes_unmarked = True
        if server is not None:
            del self.fields["what"]
            field.queryset = field.queryset.filter(pk=server.unit_id)
        offered = list(field.queryset[:2])
        if len(offered) == 1:
            field.initial = offered[0]
            field.widget = field.hidden_widget()


class RegisterAskedForm(RegisterServerForm):
    """A server that is registered because somebody asked for it, in the unit in which it was asked for."""

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Leave out the unit."""
        super().__init__(*args, by=by, **kwargs)
        del self.fields["unit"]
