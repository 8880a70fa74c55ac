"""What the register says of what hits a server, as a VEX document."""

import hashlib
import json
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework.decorators import action
from rest_framework.request import Request

from api.description.described import described
from api.filters import refuse_parameters
from api.v1.endpoint_parts import downloads
from api.views import Noun
from composition.statements import exporting
from vendors.models import Server


class WithVex(Noun[Server]):
    """What the register says of what hits a server, for those who use it."""

    @described(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    @action(
        detail=True, methods=["get"], url_path="vex/openvex", url_name="openvex", pagination_class=None,
        filter_backends=(),
    )  # fmt: skip
    def openvex(self, request: Request, pk: Any) -> Any:
        """Download it as OpenVEX 0.2.0."""
        return self._written(request, "openvex")

    @described(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    @action(
        detail=True, methods=["get"], url_path="vex/cyclonedx", url_name="cyclonedx-vex", pagination_class=None,
        filter_backends=(),
    )  # fmt: skip
    def cyclonedx_vex(self, request: Request, pk: Any) -> Any:
        """Download it as CycloneDX 1.6."""
        return self._written(request, "cyclonedx")

    def _written(self, request: Request, form: str) -> Any:
        refuse_parameters(request)
        author = settings.ORGANISATION
        name, document = exporting.written(self.get_object(), form=form, author=author, now=timezone.now())
        text = json.dumps(document, ensure_ascii=False, indent=2)
        return downloads.text(text, name=name, sha256=hashlib.sha256(text.encode()).hexdigest())
