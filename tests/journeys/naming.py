"""Names as the world has them: long ones, and ones that read from the right."""

from accounts import people
from accounts.models import Unit, User
from accounts.units import units
from tests.cast import NOON
from tests.journeys.estate import Estate
from vendors.models import Server, Vendor
from vendors.registering import registration, relations

LONG = "Unternehmensabsicherungsgesellschaft" * 4
ARABIC = "شركة الأمن السيبراني المحدودة"
HEBREW = "חברת אבטחה בע״מ"
FROM_THE_RIGHT = f"{ARABIC} {HEBREW} (Ltd.) 1/2"


def named(register: Estate, name: str) -> None:
    """Give everything that people name this name."""
    keys, alice, ada = register.keys, register.people.alice, register.people.ada
    vendor, server = Vendor.objects.get(pk=keys["vendor"]), Server.objects.get(pk=keys["server"])
    relations.edit_vendor(vendor, changes={"name": name}, by=alice, now=NOON)
    registration.edit_server(server, changes={"title": name, "purpose": name}, by=alice, now=NOON)
    units.rename_unit(Unit.objects.get(pk=keys["unit"]), name=name[:120], by=ada, now=NOON)
    person = User.objects.get(pk=register.people.bob.pk)
    people.edit(person, email=person.email, name=name[:120], by=ada, now=NOON)
