"""Certificates and due diligence stay, and change only as their lifecycles say: guarded by triggers."""

from assurance.facts import CLEANERS
from assurance.models import CONDITIONS, Certificate, DueDiligence, DueDiligenceHand, DueDiligenceItem
from riskregister.guards import AppendOnly, Lifecycle, Refusal, declare

DEMO_VENDOR = "EXISTS (SELECT 1 FROM vendors_vendor v WHERE v.id = OLD.vendor_id AND v.is_demo)"
_DEMO_ROUND = (
    "EXISTS (SELECT 1 FROM assurance_duediligence d JOIN vendors_vendor v ON v.id = d.vendor_id"
    " WHERE d.id = OLD.due_diligence_id AND v.is_demo)"
)
declare(
    Lifecycle(
        Certificate,
        "a_certificate_keeps_what_it_is",
        told=(*CLEANERS, *CONDITIONS, "counts_until", "stopped_on"),
        unless=DEMO_VENDOR,
    ),
    Lifecycle(
        DueDiligence,
        "a_round_keeps_what_it_is",
        once=("completed_by", "completed_on", "conclusion", "next_due_on"),
        unless=DEMO_VENDOR,
    ),
    Lifecycle(
        DueDiligenceItem,
        "an_item_keeps_what_is_asked",
        told=(
            *("outcome", "looked_on", "looked_by", "note", "evidence", "valid_until"),
            *("waived_until", "waived_by", "waived_reason"),
        ),
        unless=_DEMO_ROUND,
    ),
    AppendOnly(DueDiligenceHand, unless=_DEMO_ROUND),
    Refusal(
        "whoever_completes_a_round_recorded_none_of_it",
        "assurance_duediligence",
        "UPDATE",
        "NEW.completed_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM assurance_duediligencehand h"
        " WHERE h.due_diligence_id = NEW.id AND h.person_id = NEW.completed_by_id)",
    ),
    Refusal(
        "whoever_completes_a_round_waived_none_of_it",
        "assurance_duediligence",
        "UPDATE",
        "NEW.status = 'complete' AND OLD.status = 'open' AND EXISTS (SELECT 1 FROM assurance_duediligenceitem i"
        " WHERE i.due_diligence_id = NEW.id AND i.waived_by_id = NEW.completed_by_id)",
    ),
)
