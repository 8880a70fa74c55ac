"""A form that is sent twice is taken once: a double click, a reload of what was sent, a connection that broke."""

from collections.abc import Callable
from contextlib import nullcontext

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from accounts import repeats

# Each time that a page is shown, its forms carry another mask of it: the same one comes from the same showing.
_MASK = "csrfmiddlewaretoken"


def taken_once(request: HttpRequest, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Return the view's answer; the same form of the same showing of a page leads to where it led the first time."""
    sent = _sent(request)
    try:
        with sent.taken_once() if sent else nullcontext():
            response = view()
    except repeats.AlreadyTaken as taken:
        messages.info(request, "You sent this twice. It was done once.")
        return redirect(repeats.answered(taken.row).location or "web:home")
    if sent and response.status_code < 400:
        sent.keep(status=response.status_code, location=response.headers.get("Location", ""))
    return response


def _sent(request: HttpRequest) -> repeats.Request | None:
    """Return what was sent, or None for what cannot be told apart: answers that are kept while they are typed."""
    if request.method != "POST" or _MASK not in request.POST or "X-Autosave" in request.headers:
        return None
    named = [(name, file) for name, files in sorted(request.FILES.lists()) for file in files]
    files = [(name, file.name, file.size) for name, file in named]
    key = repr((request.get_full_path(), sorted(request.POST.lists()), files))
    return repeats.Request(sender=f"person:{request.user.pk}", key=key, asked=b"", now=timezone.now())
