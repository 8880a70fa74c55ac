"""How the alerts of an inbox are listed."""

from alerts.models import Alert
from riskregister.filters import FilterSet, Flag
from riskregister.lists import List


class AlertFilters(FilterSet):
    """Which alerts."""

    is_unread = Flag(field_name="read_at", lookup_expr="isnull", label="Read", yes="Unread", no="Read")
    is_settled = Flag(
        field_name="settled_at", lookup_expr="isnull", exclude=True, label="Settled", yes="Settled", no="Not settled"
    )
    is_action = Flag(field_name="is_action", label="Kind", yes="To do", no="To know")


ALERTS = List(
    word="alerts",
    rows=Alert.objects.visible_to,
    filters=AlertFilters,
    sorts={"created_at": "created_at id"},
    default="-created_at",
)
