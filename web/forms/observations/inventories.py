"""Forms about inventories: giving one, and choosing two to compare."""

from typing import Any

from django import forms

from composition import locks
from composition.models import Inventory
from vendors.models import Release, Server

# Of the latest; an older one is reached from its own page.
OFFERED = 100


class InventoryForm(forms.Form):
    """A document, the release that it is of, and which part of that it describes."""

    file = forms.FileField(
        label="The file",
        help_text=f"An SBOM (CycloneDX or SPDX), or a lock file under its own name: {locks.NAMES}.",
    )
    release = forms.ModelChoiceField(queryset=Release.objects.none(), empty_label=None)
    scope = forms.CharField(
        required=False,
        max_length=200,
        label="Which part of the release it describes",
        help_text="Unless you say so, the file’s name. A later document of the same part takes its place.",
    )
    other_package = forms.BooleanField(required=False, label="It is the right document all the same")

    def __init__(self, *args: Any, server: Server, **kwargs: Any) -> None:
        """Offer the releases of the server, the one that is relied on first."""
        super().__init__(*args, **kwargs)
        releases: Any = self.fields["release"]
        releases.queryset = server.releases.defer("server_json", "instructions")
        self.fields["release"].initial = Release.objects.relied_on(server)

    def ask_what_was_refused(self) -> None:
        """Show the box about another package where the document is of one, and nowhere else.

        It stays where it was ticked: the file is to be chosen again, and would be refused again without it.
        """
        if "other_package" not in self.errors and not self["other_package"].data:
            del self.fields["other_package"]


class AgainstForm(forms.Form):
    """Which inventory of the same server another one is compared with."""

    against = forms.ModelChoiceField(
        queryset=Inventory.objects.none(), label="Compare with", empty_label=None, required=False
    )

    def __init__(self, *args: Any, inventory: Inventory, **kwargs: Any) -> None:
        """Offer the other inventories of the server, the latest first."""
        super().__init__(*args, **kwargs)
        against: Any = self.fields["against"]
        rows = Inventory.objects.filter(server=inventory.server_id).exclude(pk=inventory.pk)
        against.queryset = rows.select_related("release")

    @property
    def others(self) -> list[Inventory]:
        """Return what is offered."""
        against: Any = self.fields["against"]
        return list(against.queryset[:OFFERED])
