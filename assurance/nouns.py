"""The cards of certificates and of due diligence."""

from assurance.models import Certificate, DueDiligence, DueDiligenceItem
from riskregister import nouns
from riskregister.nouns import Noun, Page

nouns.register(
    Noun(
        Certificate,
        prefix="CE",
        verbs=("certificate",),
        unit=None,
        subject="vendor",
        moving=("status", "counts_until", "stopped_on"),
        related=("vendor",),
        words=("legal_entity", "body", "certificate_number", "vendor__name"),
        hint="kind",
        pages=(Page("certificate-detail"),),
        places={"owner": ("vendor.relationship_owner",)},
        due_on="counts_until",
        vendors=lambda certificate: (certificate.vendor_id,),
    ),
    Noun(
        DueDiligence,
        word="due diligence",
        plural="due diligence",
        prefix="DD",
        verbs=("due_diligence",),
        unit=None,
        subject="vendor",
        related=("vendor",),
        words=("vendor__name",),
        hint="status",
        pages=(Page("due-diligence-detail"),),
        places={"owner": ("vendor.relationship_owner",)},
        due_on="next_due_on",
        vendors=lambda round_: (round_.vendor_id,),
    ),
    Noun(
        DueDiligenceItem,
        word="due diligence item",
        plural="due diligence items",
        verbs=("due_diligence_item",),
        unit=None,
        subject="due_diligence.vendor",
        of="due_diligence",
        moving=("outcome", "valid_until", "waived_until"),
        related=("due_diligence__vendor",),
        pages=(Page("due-diligence-detail", key="due_diligence_id"),),
        places={"owner": ("due_diligence.vendor.relationship_owner",)},
        opens=("due_diligence",),
        due_on="waived_until",
        vendors=lambda item: (item.due_diligence.vendor_id,),
    ),
)
