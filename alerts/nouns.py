"""The cards of who must know, and of how they are told."""

from alerts.models import Alert, Delivery
from riskregister import nouns
from riskregister.nouns import Noun

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
)
