"""What is sent about servers: what is said of one, registry documents, captured tools, suppliers."""

from typing import Any

from rest_framework import serializers

from accounts.models import Unit, User
from api.fields import Body, Choice, Flag, Known, Moment, Text
from api.v1.servers.exposure import Exposure
from collectors import plans
from riskregister import tags
from vendors.models import Release, ServerSupplier, Vendor


def _tags(help_text: str) -> Any:
    return serializers.ListField(
        child=Text(max_length=tags.LONGEST), max_length=tags.MOST, required=False, help_text=help_text
    )


class ServerEdit(Body):
    """What can be changed of a server."""

    name = Text(help_text="registry name, e.g. com.example/weather")
    title = Text()
    purpose = Text(required=False)
    tags = _tags("all that it has then")
    owner = Known(User, required=False, allow_null=True)
    repository_url = Text(required=False)
    repository_source = Text(required=False)
    repository_id = Text(required=False)
    repository_subfolder = Text(required=False)
    website_url = Text(required=False)
    licence = Text(required=False)
    is_open_source = Flag(required=False, allow_null=True, help_text="null: as licence and repository say")
    is_vendor_hosted = Flag(required=False, allow_null=True, help_text="null: as its release says")
    is_under_contract = Flag(required=False, allow_null=True, help_text="null: not known")


class ServerBody(ServerEdit, Exposure):
    """A new server of a unit."""

    unit = Known(Unit)
    publisher = Known(Vendor, required=False, allow_null=True)


class ServerDocument(Body):
    """A registry `server.json` for a unit."""

    unit = Known(Unit)
    publisher = Known(Vendor, required=False, allow_null=True)
    tags = _tags("of a server that is new here")
    document = serializers.DictField(help_text="the server.json itself, or as a registry's API wraps it")
    reason = Text(required=False, help_text="why it is taken although its registry says deprecated or deleted")


class ToolsDocument(Body):
    """A captured `tools/list`."""

    release = Known(Release, required=False, help_text="the newest release of the server unless given")
    document = serializers.JSONField(
        help_text="the captured answer, or a text: the body of an event stream, or lines of JSON-RPC messages"
    )
    captured_at = Moment()
    command = Text()


class ScannerResults(Body):
    """What another scanner found of a server."""

    document = serializers.JSONField(help_text="the result of Cisco's MCP Scanner, or SARIF 2.1.0")


class LookBody(Body):
    """Which look."""

    collector = Choice(choices=[(one.value, one.label) for one in plans.collectors()])


class SupplierBody(Body):
    """A vendor behind the server, and in which role."""

    vendor = Known(Vendor)
    role = Choice(choices=ServerSupplier.SupplierRole.choices)


class SupplierChosen(Body):
    """Which supplier."""

    supplier = serializers.IntegerField(min_value=1)
