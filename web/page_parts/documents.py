"""Documents that people bring: looked at first, taken when asked to, each problem with its place in the document."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest

from vendors.strict_json import DocumentInvalid, Problem
from web.forms.servers.releases import DocumentForm
from web.page_parts import asking, steps

T = TypeVar("T")
_DROPPED_NAMED = 5


class Taken:
    """A posted document: what it says, what is wrong with it, and whether the person wants it taken.

    A post with `look` only shows the document; any other takes it.
    """

    def __init__(self, request: HttpRequest, form: DocumentForm, *, parse: Callable[[str | bytes], Any]) -> None:
        """Read the posted document, if one was posted."""
        self.request, self.form = request, form
        self.problems: tuple[Problem, ...] = ()
        self.preview: Any = None
        if request.method == "POST" and form.is_valid():
            self._show_again()
            self._read(parse)

    @property
    def is_wanted(self) -> bool:
        """Return whether the document is right and the person asked to take it."""
        return self.preview is not None and not self.form.errors and "look" not in self.request.POST

    @property
    def status(self) -> int:
        """Return the status of the page: 422 when something is wrong."""
        return asking.REFUSED if self.problems else asking.status_of(self.form)

    def attempt(self, step: Callable[[], T]) -> T | None:
        """Return what the step returns, or None after it was refused; problems of the document are kept."""
        try:
            return steps.attempt(self.request, step, form=self.form)
        except DocumentInvalid as error:
            self.problems = error.problems
            return None

    def say(self, words: str, *, recorded: bool, dropped: Sequence[str] = ()) -> None:
        """Say on the next page what was recorded, and in which places of this document values were `dropped` that look
        like credentials; or that it was known.
        """
        if recorded:
            messages.success(self.request, f"{words}{_told(dropped)}")
        else:
            messages.info(self.request, "This is on record already; nothing changed.")

    def _show_again(self) -> None:
        # A browser forgets a chosen file, so its text comes back in the box.
        given = self.form.cleaned_data["text"]
        if isinstance(given, bytes):
            posted = self.request.POST.copy()
            posted["document"] = given.decode("utf-8", "replace")
            self.form.data = posted

    def _read(self, parse: Callable[[str | bytes], Any]) -> None:
        try:
            self.preview = parse(self.form.cleaned_data["text"])
        except DocumentInvalid as error:
            self.problems = error.problems


def _told(places: Sequence[str]) -> str:
    if not places:
        return ""
    more = len(places) - _DROPPED_NAMED
    rest = f" and {more} more" if more > 0 else ""
    named = ", ".join(places[:_DROPPED_NAMED])
    return f" Values that look like credentials were not kept: {named}{rest}. Have them revoked."
