"""What happened stays as it was said: events and field-level entries only grow."""

from auditlog.models import LogEntry

from audit.models import Event
from riskregister.guards import AppendOnly, declare

declare(AppendOnly(Event), AppendOnly(LogEntry))
