"""Steps of use cases: registered, changed, ended, and linked with what serves them and what they serve."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.access import Capability
from accounts.models import Unit
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from landscape import naming
from landscape.models import BusinessProcess, UseCase, UseCaseDeployment, UseCaseProcess
from riskregister import versions
from riskregister.refusals import Conflict, Refused
from vendors import fields
from vendors.fields import Cleaner
from vendors.models import Deployment, Vendor
from vendors.models.vendor import Kind

WRITE = Capability.WRITE
STANDING = (UseCase.Status.STANDING,)


def _model_provider(value: Any, field: str) -> Vendor | None:
    if value is None:
        return None
    vendor: Vendor = value
    if not vendor.kinds.filter(kind=Kind.MODEL_PROVIDER).exists():
        raise Refused(
            f"{vendor} provides no models on record. Say so on its page first: what it supplies.", field=field
        )
    return vendor


FIELDS: dict[str, Cleaner] = {
    "name": fields.name(160),
    "owner": fields.person,
    "purpose": fields.text,
    "data_used": fields.text,
    "model_vendor": _model_provider,
    "model_name": fields.word(120),
    "model_version": fields.word(120),
    "follows_alias": fields.truth,
}


def _taken(use_case: UseCase) -> Conflict:
    return Conflict(f"{use_case.unit} has a use case of this name already. Change that one.", field="name")


def _ended(use_case: UseCase) -> Exception:
    return Conflict(f"{use_case} has ended and stays as it was. Register it anew.")


def _refuse_contradiction(use_case: UseCase) -> None:
    if use_case.follows_alias and use_case.model_version:
        raise Refused(
            "A model that follows a moving alias is pinned to no version. Give one or the other.", field="model_version"
        )


@step("use_case.written", needs=WRITE, makes=UseCase)
def write(*, unit: Unit, name: str, by: Principal, now: datetime, **facts: Any) -> UseCase:
    """Return a new use case of a unit; `facts` are FIELDS, what is left out is not known.

    Raises Refused for a bad value, for a vendor that provides no models, or for a version beside a moving alias;
    Conflict for a name that another use case of the unit has.
    """
    made = UseCase(unit=unit, created_at=now, **fields.clean({"name": name} | facts, FIELDS))
    _refuse_contradiction(made)
    naming.refuse_stranger(made)
    fields.save_once(made, otherwise=_taken(made))
    return made


@step(
    "use_case.rewritten",
    needs=WRITE,
    frm=STANDING,
    otherwise=_ended,
    taken=_taken,
    edits=versions.facts(*FIELDS),
)
def rewrite(use_case: UseCase, *, changes: Mapping[str, Any], by: Principal, now: datetime) -> Done[UseCase]:
    """Return the use case with other FIELDS; records nothing when none differs. Raises as `write`."""
    changed = naming.changed(use_case, changes, FIELDS)
    _refuse_contradiction(use_case)
    return Done(use_case, fields=sorted(changed)) if changed else Unchanged(use_case)


@step("use_case.ended", needs=WRITE, to=UseCase.Status.ENDED, reason="reason")
def end(use_case: UseCase, *, reason: str, by: Principal, now: datetime) -> UseCase:
    """Return the use case, which nobody uses any more: it stops nothing, and stays on record with its links."""
    return use_case


@step("use_case.deployment_added", needs=WRITE, frm=STANDING, otherwise=_ended)
def add_deployment(
    use_case: UseCase, deployment: Deployment, *, by: Principal, now: datetime
) -> Done[UseCaseDeployment]:
    """Return the record that the use case works with a deployment.

    Raises Refused for a deployment that has ended or of another unit, Conflict when it is recorded already.
    """
    if deployment.ended_on is not None:
        raise Refused(f"{deployment.ref} has ended. Choose one in use.", field="deployment")
    _refuse_elsewhere(use_case, deployment.server.unit, field="deployment")
    row = UseCaseDeployment(use_case=use_case, deployment=deployment)
    fields.save_once(row, otherwise=Conflict(f"{deployment.ref} serves it already.", field="deployment"))
    return Done(row, other=str(deployment))


@step("use_case.deployment_removed", needs=WRITE, on="use_case", frm=STANDING, otherwise=_ended)
def remove_deployment(row: UseCaseDeployment, *, by: Principal, now: datetime) -> Done[None]:
    """Remove the record that a use case works with a deployment. Raises Conflict when it is gone."""
    return _removed(row, str(row.deployment))


@step("use_case.process_added", needs=WRITE, frm=STANDING, otherwise=_ended)
def add_process(use_case: UseCase, process: BusinessProcess, *, by: Principal, now: datetime) -> Done[UseCaseProcess]:
    """Return the record that a business process needs the use case.

    Raises Refused for a process that has ended or of another unit, Conflict when it is recorded already.
    """
    if process.status != BusinessProcess.Status.STANDING:
        raise Refused(f"{process.ref} has ended. Choose one that goes on.", field="process")
    _refuse_elsewhere(use_case, process.unit, field="process")
    row = UseCaseProcess(use_case=use_case, process=process)
    fields.save_once(row, otherwise=Conflict(f"It serves {process.ref} already.", field="process"))
    return Done(row, other=str(process))


@step("use_case.process_removed", needs=WRITE, on="use_case", frm=STANDING, otherwise=_ended)
def remove_process(row: UseCaseProcess, *, by: Principal, now: datetime) -> Done[None]:
    """Remove the record that a business process needs a use case. Raises Conflict when it is gone."""
    return _removed(row, str(row.process))


def _removed(row: UseCaseDeployment | UseCaseProcess, other: str) -> Done[None]:
    if not row.delete()[0]:
        raise Conflict("Somebody else has removed this.")
    return Done(None, other=other)


def _refuse_elsewhere(use_case: UseCase, unit: Unit, *, field: str) -> None:
    if unit != use_case.unit:
        raise Refused(f"Choose one of {use_case.unit}: a use case and what it is linked with are of one unit.",
                      field=field)  # fmt: skip
