"""The cards of contracts and of what the law takes a unit to be."""

from django.db.models import Q

from accounts.access import Capability
from contracts import lists
from contracts.models import Clause, Contract, LegalProfile, Service
from riskregister import nouns
from riskregister.nouns import FieldHistory, Noun, Page, Place

nouns.register(
    Noun(
        Contract,
        prefix="CO",
        verbs=("contract",),
        unit=None,
        subject="vendor",
        moving=("status", "notice_given_on", "kept_until", "ends_on", "notice_by", "review_on"),
        related=("vendor",),
        words=("title", "reference", "vendor__name"),
        hint="vendor.name",
        pages=(Page("contract-detail"),),
        places={"owner": ("owner", "vendor.relationship_owner")},
        vendors=lambda contract: (contract.vendor_id,),
        held_by={
            "owner": Place(Capability.READ, still=~Q(status=Contract.Status.ENDED), given="contract.handed_over"),
        },
        # Everybody reads it, and not everybody sees the unit.
        field_history=FieldHistory(leaves_out=("notice_by",), hides=("for_unit",)),
    ),
    Noun(
        Service,
        word="contract service",
        unit=None,
        subject="contract.vendor",
        of="contract",
        moving=(),
        visible=lists.services,
    ),
    Noun(
        Clause,
        unit=None,
        subject="contract.vendor",
        of="contract",
        moving=(),
        field_history=FieldHistory(called="key"),
    ),
    Noun(
        LegalProfile,
        verbs=("legal_profile",),
        moving=(),
        related=("unit",),
        pages=(Page("legal-profile", key="unit_id"),),
        demo=("unit__is_demo",),
    ),
)
