"""What was published never changes: guarded by triggers on SQLite and PostgreSQL alike."""

from catalogue.models import MethodologyVersion, Option, Question, QuestionSet
from riskregister.guards import AppendOnly, declare

declare(AppendOnly(MethodologyVersion), AppendOnly(QuestionSet), AppendOnly(Question), AppendOnly(Option))
