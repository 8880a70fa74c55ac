"""The people and units of the demo organisation; nobody of them exists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from accounts import people
from accounts.models import Role, Unit, User
from accounts.sign_in.passwords import set_password
from accounts.units.units import open_unit
from audit.context import Actor
from demo.diary import Diary

COMMAND = Actor("command", "load_demo", "load_demo")
DOMAIN = "example.org"


@dataclass(frozen=True, slots=True)
class Organisation:
    """Two units, and who works in them by first name in small letters."""

    units: Mapping[str, Unit]
    cast: Mapping[str, User]

    def unit(self, code: str) -> Unit:
        """Return the unit with this code."""
        return self.units[code]

    def person(self, name: str) -> User:
        """Return the person with this first name."""
        return self.cast[name]


# First name -> name, role, code of the unit (empty: the whole organisation).
CAST = {
    "lena": ("Lena Fischer", Role.ANALYST, "payments"),
    "tomas": ("Tomás Ruiz", Role.ANALYST, "payments"),
    "priya": ("Priya Raman", Role.APPROVER, "payments"),
    "marcus": ("Marcus Webb", Role.MANAGER, "payments"),
    "jonas": ("Jonas Lind", Role.ANALYST, "research"),
    "aiko": ("Aiko Mori", Role.ANALYST, "research"),
    "mei": ("Mei Tanaka", Role.APPROVER, "research"),
    "sofia": ("Sofia Rossi", Role.MANAGER, "research"),
    "henrik": ("Henrik Dahl", Role.APPROVER, ""),
    "ngozi": ("Ngozi Eze", Role.AUDITOR, ""),
}


def found(diary: Diary, passwords: dict[str, str]) -> Organisation:
    """Return the organisation, founded at the clock's moment; `passwords` are those of everybody by first name."""
    amara = _join("Amara Okafor", by=COMMAND, diary=diary, password=passwords["amara"])
    people.give_role(amara, role=Role.ADMINISTRATOR, unit=None, by=COMMAND, now=diary.now)
    units = {
        code: diary.do(amara, open_unit, name=name, code=code, is_demo=True)
        for code, name in (("payments", "Payments"), ("research", "Research"))
    }
    cast = {"amara": amara}
    for first, (name, role, code) in CAST.items():
        cast[first] = _join(name, by=amara, diary=diary, password=passwords[first])
        # An audit is for a period: this one ends half a year after the present.
        period = {"valid_until": diary.until.date() + timedelta(days=180)} if role == Role.AUDITOR else {}
        diary.do(amara, people.give_role, cast[first], role=role, unit=units.get(code), **period)
    diary.readers = list(cast.values())
    return Organisation(units, cast)


def address(name: str) -> str:
    """Return e.g. "lena.fischer@example.org"."""
    plain = name.lower().replace("á", "a").replace(" ", ".")
    return f"{plain}@{DOMAIN}"


def _join(name: str, *, by: User | Actor, diary: Diary, password: str) -> User:
    """Return the person with a password; whoever was here before the last removal comes back."""
    known = User.objects.filter(email=address(name)).first()
    if known is None:
        known = people.add(email=address(name), name=name, by=by, now=diary.now, is_demo=True)
    elif not known.is_active:
        people.activate(known, by=by, now=diary.now)
    set_password(known, password=password, by=known, now=diary.now)
    return known
