"""The page instead of a file that cannot be handed out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from evidence import store
from riskregister.refusals import Refused


def page(request: HttpRequest, refusal: Refused, *, noun: str, up_url: str, section: str) -> HttpResponse:
    """Return the page that says why and what to do: 404 for a lost file, 503 while its place does not answer."""
    now = isinstance(refusal, store.StoreUnreachable)
    heading = f"The file of {noun} cannot be reached" if now else f"The file of {noun} is lost"
    shown = {"heading": heading, "noun": noun, "up_url": up_url, "sentence": refusal.message, "section": section}
    return render(request, "evidence/lost.html", shown, status=503 if now else 404)
