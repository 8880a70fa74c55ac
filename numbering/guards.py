"""No number is given out twice: counters only count on."""

from numbering.models import Numbering
from riskregister.guards import ALWAYS, Refusal, declare

_TABLE = Numbering._meta.db_table
declare(
    Refusal("a_counter_only_counts_on", _TABLE, "UPDATE", "NEW.last < OLD.last OR NEW.prefix <> OLD.prefix"),
    Refusal("a_counter_stays", _TABLE, "DELETE", ALWAYS),
)
