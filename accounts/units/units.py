"""Steps about business units: open one, and give it another name."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from accounts.access import Capability
from accounts.models import Unit
from accounts.principals import Principal
from accounts.steps import step
from riskregister import versions
from riskregister.refusals import Refused
from riskregister.text import clean_name

ADMINISTER = Capability.ADMINISTER
NO_RIGHTS = "A unit and its name give nobody rights; roles in it are signed."


class UnitExists(Refused):
    """A unit with this name or code exists already."""


def _exists(unit: Unit | None) -> UnitExists:
    return UnitExists("A unit with this name or code exists already.", field="name")


@step("unit.opened", needs=ADMINISTER, makes=Unit, taken=_exists, unsigned=NO_RIGHTS)
def open_unit(*, name: str, code: str, by: Principal, now: datetime, is_demo: bool = False) -> Unit:
    """Return a new business unit. Raises UnitExists, or Refused for a name or code that cannot be."""
    return Unit.objects.create(name=_free_name(name), code=_free_code(code), is_demo=is_demo)


@step("unit.renamed", needs=ADMINISTER, taken=_exists, unsigned=NO_RIGHTS, edits=versions.facts("name"))
def rename_unit(unit: Unit, *, name: str, by: Principal, now: datetime) -> Unit:
    """Give a unit another name; its code stays, since documents may quote it."""
    unit.name = _free_name(name, but=unit)
    return unit


def _free_name(name: str, but: Unit | None = None) -> str:
    name = clean_name(name, field="name", limit=120)
    if Unit.objects.filter(name__reads=name).exclude(pk__in=[but.pk] if but else []).exists():
        raise UnitExists("A unit with this name exists already.", field="name")
    return name


def _free_code(code: str) -> str:
    code = code.strip().lower()
    try:
        validate_slug(code)
    except ValidationError as error:
        raise Refused("Use letters, digits, - and _ only.", field="code") from error
    if len(code) > 20:
        raise Refused("A code has at most 20 characters.", field="code")
    if Unit.objects.filter(code=code).exists():
        raise UnitExists("A unit with this code exists already.", field="code")
    return code
