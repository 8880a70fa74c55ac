"""Files that build the walls around a server, for whatever puts them in place: fetched, and noted."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Problem
from api.gate.asking import Gate
from containment import isolating
from containment.models import Asker, IsolationProfile
from vendors.models import Server


class Artefact(Gate):
    """GET /isolation/{server}/{artefact}."""

    kind = Asker.Kind.POLICY_FILE
    http_method_names = ("get", "head")

    def get(self, request: Request, number: int, artefact: str) -> Response | HttpResponse:
        """Return the file; 409 with the reason where there is none."""
        made = isolating.BY_NAME.get(artefact)
        server = Server.objects.visible_to(self.person).filter(number=number).first()
        profile = IsolationProfile.objects.select_related("server").filter(server=server).first() if server else None
        if made is None or profile is None:
            raise Http404
        try:
            text = isolating.hand_out(profile, made, to=self.person, now=timezone.now())
        except isolating.NoArtefact as refusal:
            return Problem(409, "not_approved", refusal.message)
        how = {"Content-Disposition": f'attachment; filename="{made.file}"'}
        return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=how)
