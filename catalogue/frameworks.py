"""Steps of frameworks: a revision is imported, and the organisation adds, changes and withdraws controls of its own."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from accounts import access
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from accounts.units import other_units
from catalogue import revising
from catalogue.models import Control, Framework
from catalogue.oscal.documents import LIMIT_REF, LIMIT_TITLE, Document, ReadCatalogue, ReadProfile
from riskregister import versions
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_name, clean_text, clean_word
from vendors import fields

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LIMIT_KEY = 40
_OURS = "-ours"


class FrameworkInvalid(Refused):
    """The framework cannot be taken like this."""


class NotOurControl(Refused):
    """Only controls of the organisation's own are changed here; others come with their framework."""


def of_all_units(_framework: Framework, by: Principal) -> access.NotPermitted | None:
    """Return the refusal for who works in some units only; for others None."""
    return other_units.refuse_of_all(by, Capability.WRITE)


def holds_for_all_units(control: Control, by: Principal) -> access.NotPermitted | None:
    """Return the refusal for who works in some units only, of a control that all of them have; for others None."""
    return of_all_units(control.framework, by)


def key_of(title: str) -> str:
    """Return the key that a framework of this title would have, e.g. "nist-sp-800-171"."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:LIMIT_KEY].strip("-") or "framework"


@step("framework.imported", needs=Capability.WRITE, makes=Framework)
def take(
    *, document: Document, by: Principal, now: datetime, key: str = "", below: Framework | None = None
) -> Done[Framework]:
    """Return the revision that an OSCAL file holds, which takes the place of the one before under its key.

    A profile selects from `below`, a framework that the register has. Statuses go over to the new revision; those of
    controls that it has no more are kept, and shown as orphaned. Raises FrameworkInvalid, among others for a key of the
    register's own, HoldsElsewhere for who works in some units only and replaces what all of them have, Conflict for a
    revision that is here already.
    """
    key = _key(key or key_of(document.head.title))
    _refuse_twice(key, document.head.version)
    before = Framework.objects.current().filter(key=key).first()
    if before is not None and (refusal := of_all_units(before, by)):
        raise refusal
    made = _made(document, key, below)
    if before is not None:
        # This one alone: what somebody imports meanwhile is not replaced unseen.
        Framework.objects.filter(pk=before.pk).update(status=Framework.SUPERSEDED)
    at_once = Conflict("Somebody else has just imported this framework. Look again.", field="key")
    fields.save_once(made, otherwise=at_once)
    controls = _controls(document, made, below)
    Control.objects.bulk_create(controls)
    vanished = _vanished(before, controls)
    return Done(made, key=key, revision=made.revision, controls=len(controls), vanished=vanished).and_then(
        lambda: revising.take_place(before, by=by, now=now)
    )


@step("framework.control_added", needs=Capability.WRITE)
def add_control(
    framework: Framework,
    *,
    ref: str,
    title: str,
    by: Principal,
    now: datetime,
    requirement: str = "",
    section: str = "",
) -> Done[Control]:
    """Return a control of the organisation's own. Raises NotOurControl, or Conflict for a reference that is taken."""
    _refuse_others(framework)
    ref = clean_name(ref, field="ref", limit=LIMIT_REF)
    if framework.controls.filter(ref=ref).exists():
        raise Conflict(f"{ref} is the reference of another control. Choose one that is free.", field="ref")
    last = framework.controls.aggregate(last=Max("position"))["last"] or 0
    texts = _cleaned(title=title, requirement=requirement, section=section)
    made = Control.objects.create(framework=framework, ref=ref, position=last + 1, status=Control.ACTIVE, **texts)
    return Done(made, control=ref)


@step(
    "framework.control_changed",
    needs=Capability.WRITE,
    on="framework",
    barred=(holds_for_all_units,),
    edits=versions.facts("title", "section", "requirement"),
)
def change_control(
    control: Control, *, title: str, by: Principal, now: datetime, requirement: str = "", section: str = ""
) -> Done[Control]:
    """Return one of the organisation's own controls in other words; its reference stays. Records nothing when none
    differs. Raises NotOurControl.
    """
    _refuse_others(control.framework)
    words = fields.differing(control, _cleaned(title=title, requirement=requirement, section=section))
    if not words:
        return Unchanged(control)
    fields.put_on(control, words)
    control.save(update_fields=[*words])
    return Done(control, control=control.ref)


@step(
    "framework.control_withdrawn",
    needs=Capability.WRITE,
    on="framework",
    barred=(holds_for_all_units,),
    reason="reason",
)
def withdraw_control(control: Control, *, reason: str, by: Principal, now: datetime) -> Done[Control]:
    """Return one of the organisation's own controls, which counts no more; its statuses are kept. Raises NotOurControl,
    Conflict where it was withdrawn before.
    """
    _refuse_others(control.framework)
    control.refresh_from_db(fields=["status"])
    if control.status == Control.WITHDRAWN:
        raise Conflict(f"{control.ref} was withdrawn already.")
    control.status = Control.WITHDRAWN
    control.save(update_fields=["status"])
    return Done(control, control=control.ref)


def _key(typed: str) -> str:
    """Return the key as it is stored. Raises FrameworkInvalid for one that cannot be, and for the register's own."""
    key = typed.strip()
    if not _KEY.fullmatch(key) or len(key) > LIMIT_KEY:
        raise FrameworkInvalid("Use small letters, digits and hyphens, such as nist-sp-800-171.", field="key")
    origins = set(Framework.objects.filter(key=key).values_list("origin", flat=True))
    if Framework.Origin.OWN in origins:
        raise FrameworkInvalid("This key is that of your own controls. Choose another one.", field="key")
    if Framework.Origin.SHIPPED in origins:
        ours = f"{key[: LIMIT_KEY - len(_OURS)]}{_OURS}"
        message = f"{key} comes with the register, and so do its revisions. Take a key of your own, such as {ours}."
        raise FrameworkInvalid(message, field="key")
    return key


def _refuse_twice(key: str, version: str) -> None:
    """Raise Conflict for a revision that is here already, with the way back to one whose place another has taken."""
    known = Framework.objects.filter(key=key, revision=version).first()
    if known is None:
        return
    now = "A newer one has another version."
    if not known.is_current:
        now = (
            f'Another has taken its place. To go back to it, give the file a version of its own, such as "{version} '
            'again": what was stated of its controls counts again with them.'
        )
    raise Conflict(f"Revision {version} of {key} is here already. {now}", field="key")


def _refuse_others(framework: Framework) -> None:
    if framework.origin != Framework.Origin.OWN:
        raise NotOurControl("Only controls of your own are written here. Others come with their framework.")


def _cleaned(*, title: str, requirement: str, section: str) -> dict[str, str]:
    return {
        "title": clean_name(title, field="title", limit=LIMIT_TITLE),
        "requirement": clean_text(requirement, field="requirement"),
        "section": clean_word(section, field="section", limit=120),
    }


def _made(document: Document, key: str, below: Framework | None) -> Framework:
    head = document.head
    if isinstance(document, ReadProfile) and below is None:
        raise FrameworkInvalid(
            f"A profile selects controls of another catalogue ({document.source or 'it does not say of which'}). "
            "Choose the framework of the register that it selects from; nothing is fetched.",
            field="below",
        )
    if isinstance(document, ReadCatalogue) and below is not None:
        raise FrameworkInvalid("A catalogue has controls of its own. Leave this empty.", field="below")
    return Framework(
        key=key,
        revision=head.version,
        title=head.title,
        publisher=head.publisher,
        status=Framework.CURRENT,
        origin=Framework.Origin.IMPORTED,
        overlays=below.key if below else "",
        note=" ".join(document.notes),
    )


def _controls(document: Document, made: Framework, below: Framework | None) -> list[Control]:
    if isinstance(document, ReadProfile):
        return _selected(document, made, below)
    return [
        Control(
            framework=made,
            position=position,
            ref=one.ref,
            title=one.title,
            section=one.section,
            requirement=one.requirement,
            status=Control.WITHDRAWN if one.is_withdrawn else Control.ACTIVE,
            superseded_by=", ".join(one.superseded_by),
        )
        for position, one in enumerate(document.controls, start=1)
    ]


def _selected(document: ReadProfile, made: Framework, below: Framework | None) -> list[Control]:
    """Return the controls that a profile selects, each the same as that of the framework below.

    Raises FrameworkInvalid, naming those that the framework does not have.
    """
    rows = list(Control.objects.filter(framework=below).select_related("same_as").order_by("position"))
    by_id = {_as_id(row.ref): row for row in rows}
    missing = [one for one in document.selected if one.lower() not in by_id]
    if missing:
        named = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise FrameworkInvalid(f"{below} does not have {named}. Choose another framework.", field="below")
    wanted = set(by_id) if document.takes_all else {one.lower() for one in document.selected}
    wanted -= {one.lower() for one in document.leaves_out}
    chosen = [row for key, row in by_id.items() if key in wanted]
    if not chosen:
        raise FrameworkInvalid("The profile selects nothing.", field="below")
    return [_again(row, made, position) for position, row in enumerate(chosen, start=1)]


def _again(row: Control, made: Framework, position: int) -> Control:
    copied = {
        name: getattr(row, name) for name in ("ref", "title", "section", "requirement", "status", "superseded_by")
    }
    return Control(framework=made, position=position, same_as=row.same_as or row, **copied)


def _as_id(ref: str) -> str:
    """Return a reference as OSCAL ids are written: "AC-2(1)" is "ac-2.1"."""
    return ref.lower().replace(" ", "").replace("(", ".").replace(")", "")


def _vanished(before: Framework | None, controls: Sequence[Control]) -> int:
    """Return how many controls in force of the revision before the new one has no more."""
    if before is None:
        return 0
    kept = {one.ref for one in controls}
    refs = before.controls.filter(status=Control.ACTIVE).values_list("ref", flat=True)
    return sum(ref not in kept for ref in refs)
