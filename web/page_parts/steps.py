"""How a page takes a step: one call, and a refusal becomes a sentence beside the form or on top of the page."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from riskregister.versions import ChangedMeanwhile
from web.forms.editing import EditForm

T = TypeVar("T")


class Form(Protocol):
    """What was posted: a form of Django, or several as one."""

    @property
    def fields(self) -> Mapping[str, Any]:
        """Return the fields by their names."""

    def add_error(self, field: str | None, error: Any) -> None:
        """Say what is wrong with a field, or with all of it."""


_MOVED_ON = "This has moved on in the meantime. Look at it again, then decide."


def attempt(request: HttpRequest, step: Callable[[], T], *, form: Form | None = None) -> T | None:
    """Return what the step returns, or None after it was refused.

    The refusal goes to the form's field when a form is given and has it, else to the page's messages. A form over
    something that changed meanwhile shows both.
    """
    try:
        return step()
    except Refused as refusal:
        if isinstance(refusal, ChangedMeanwhile) and isinstance(form, EditForm):
            form.meet(refusal)
            return None
        _tell(request, form, refusal.message, refusal.field)
    except IllegalTransition:
        _tell(request, form, _MOVED_ON, "")
    except PermissionDenied as refusal:
        _tell(request, form, str(refusal) or "Your roles do not allow this.", "")
    return None


def done(request: HttpRequest, step: Callable[[], object], *, message: str, form: Form | None = None) -> bool:
    """Take a step and say `message` on the next page; return whether it was taken."""
    taken = object()

    def taking() -> object:
        step()
        return taken

    if attempt(request, taking, form=form) is not taken:
        return False
    messages.success(request, message)
    return True


def _tell(request: HttpRequest, form: Form | None, message: str, field: str) -> None:
    if form is None:
        messages.error(request, message)
    else:
        form.add_error(field if field in form.fields else None, message)
