"""The card of the status of a control."""

from controls.models import ControlStatus
from riskregister import nouns
from riskregister.nouns import Noun, Page

nouns.register(
    Noun(
        ControlStatus,
        word="control status",
        plural="control statuses",
        prefix="CT",
        verbs=("control_status",),
        subject="server",
        moving=("state", "valid_until", "due_on", "owner"),
        related=("control", "server", "deployment"),
        words=("control__ref", "control__title"),
        hint="control.title",
        pages=(Page("control-status-detail"),),
        places={"owner": ("owner", "server.owner")},
        demo=("server__is_demo",),
    ),
)
