"""The cards of who must know, and of how they are told."""

from alerts.models import Alert, AlertRule, Channel, Delivery, Message
from riskregister import nouns
from riskregister.nouns import FieldHistory, Noun, Page

nouns.register(
    Noun(Alert, unit=None, moving=("read_at",), field_history=None),
    Noun(
        Delivery,
        plural="deliveries",
        verbs=("delivery",),
        unit=None,
        is_administrative=True,
        field_history=None,
    ),
    Noun(
        Channel,
        prefix="CH",
        verbs=("channel",),
        is_of_all_units=True,
        moving=(
            "status", "name", "form", "place", "address_kept", "secret_kept", "former_secret_kept", "former_until",
            "failures", "rests_until",
        ),
        related=("unit",),
        words=("name",),
        hint="place",
        pages=(Page("channel-detail"),),
        field_history=FieldHistory(
            leaves_out=("failures", "rests_until"), hides=("address_kept", "secret_kept", "former_secret_kept")
        ),
        demo=("unit__is_demo",),
    ),
    Noun(
        AlertRule,
        word="alert rule",
        prefix="AR",
        verbs=("alert_rule",),
        is_of_all_units=True,
        moving=(
            "status", "name", "about", "least_severity", "tiers", "vendor", "tag", "places", "pace",
            "written_by", "written_at", "broken_at", "broken_why",
        ),
        related=("unit",),
        words=("name",),
        hint="whose",
        pages=(Page("alert-rule-detail"),),
        field_history=FieldHistory(leaves_out=("broken_at", "broken_why")),
        demo=("unit__is_demo",),
    ),
    Noun(
        Message,
        verbs=("message",),
        unit="channel.unit_id",
        is_of_all_units=True,
        moving=("status", "attempts", "error", "send_after"),
        related=("channel__unit",),
        pages=(Page("message-detail"),),
        field_history=None,
        demo=("channel__unit__is_demo",),
    ),
)  # fmt: skip
