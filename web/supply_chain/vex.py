"""What the register says of what hits a server, to be saved as a VEX document."""

import json
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from composition.statements import exporting
from composition.vex import writing
from web.page_parts import downloads
from web.page_parts.access import MemberRequest, member
from web.servers import serverframe


@require_safe
@member
def download(request: MemberRequest, pk: UUID, form: str) -> HttpResponseBase:
    """Hand out the document; where nothing is known to hit the server, lead back to it with the reason."""
    server = serverframe.find(request, pk)
    if form not in writing.FORMS:
        raise Http404
    try:
        name, document = exporting.written(server, form=form, author=settings.ORGANISATION, now=timezone.now())
    except exporting.NothingToSay as refusal:
        messages.error(request, refusal.message)
        return redirect("web:server-findings", pk=pk)
    return downloads.text(json.dumps(document, ensure_ascii=False, indent=2), name=name)
