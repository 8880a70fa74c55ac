"""`Idempotency-Key`: a request that is sent again after a lost connection does nothing and gets the first answer."""

import json
import re
from collections.abc import Callable
from hashlib import file_digest
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import repeats
from accounts.models import ApiToken, TakenRequest
from api.renderers import JSONRenderer
from riskregister.refusals import Conflict

HEADER = "Idempotency-Key"
# The answer is the one that was given to the first request.
REPLAYED = "Idempotent-Replayed"
METHODS = ("POST", "PATCH")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
Handler = Callable[..., Response]


class KeyInvalid(APIException):
    """The key is none (400)."""

    status_code = 400
    default_code = "invalid"
    places = ((HEADER, "Send 1 to 255 visible ASCII characters, another for each request, such as a UUID."),)
    default_detail = places[0][1]


class KeyReused(APIException):
    """The key was sent with something else (422)."""

    status_code = 422
    default_code = "idempotency_key_reused"
    places = ((HEADER, "You sent this key with another request. Take another key."),)
    default_detail = places[0][1]


def once(handler: Handler, *, keeps_answer: bool = True) -> Callable[..., HttpResponseBase]:
    """Return the handler of a request that names a key, so that what it does is done once."""

    def answered(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        sent = _sent(request)
        try:
            with sent.taken_once():
                response = handler(request, *args, **kwargs)
        except repeats.AlreadyTaken as taken:
            return _again(sent, taken.row)
        if response.status_code < 400:
            answer = JSONRenderer().render(response.data).decode() if keeps_answer else ""
            sent.keep(status=response.status_code, location=response.get("Location", ""), answer=answer)
        return response

    return answered


def _sent(request: Request) -> repeats.Request:
    key = request.headers[HEADER]
    if not _KEY.fullmatch(key):
        raise KeyInvalid
    token = request.auth
    sender = f"token:{token.pk}" if isinstance(token, ApiToken) else f"session:{request.user.pk}"
    text = json.dumps([request.method, request.get_full_path(), _plain(request.data)], sort_keys=True)
    return repeats.Request(sender=sender, key=key, asked=text.encode(), now=timezone.now())


def _again(sent: repeats.Request, row: TakenRequest) -> HttpResponse:
    if not sent.is_same_as(row):
        raise KeyReused
    first = repeats.answered(row)
    if first.status is None or not first.answer:
        raise Conflict("This was done already, and its answer is not kept. Look at what is there now.")
    headers = {REPLAYED: "true"} | ({"Location": first.location} if first.location else {})
    return HttpResponse(first.answer, status=first.status, content_type="application/json", headers=headers)


def _plain(data: Any) -> Any:
    """Return a body as JSON can write it: a form as its fields, a file as its digest."""
    if isinstance(data, QueryDict):
        return {name: [_plain(one) for one in values] for name, values in data.lists()}
    if isinstance(data, UploadedFile):
        data.seek(0)
        digest = file_digest(data, "sha256").hexdigest()
        data.seek(0)
        return [data.name, digest]
    return data
