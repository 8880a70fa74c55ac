"""The cards of what our statements rest on."""

from accounts.access import Capability
from evidence.models import Evidence, FileCheck, KeptCopy
from riskregister import nouns
from riskregister.nouns import Noun, Page

nouns.register(
    Noun(
        Evidence,
        prefix="E",
        plural="evidence",
        verbs=("evidence",),
        moving=("valid_until", "issuer", "moved_at"),
        words=("title", "file_name"),
        hint="kind",
        pages=(Page("evidence-detail"),),
        places={"owner": ("added_by",)},
        due_on="valid_until",
    ),
    Noun(KeptCopy, unit="evidence.unit_id", of="evidence", moving=()),
    Noun(
        FileCheck,
        unit=None,
        is_administrative=True,
        moving=(),
        pages=(Page("jobs", key="", needs=Capability.ADMINISTER),),
        field_history=None,
    ),
)
