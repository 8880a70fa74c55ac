"""The cards of what is found, and of what is done about it."""

from django.db.models import Q

from accounts.access import Capability
from findings import assignment
from findings.models import Finding, FixClaim, Milestone, RemediationPlan, RiskAcceptance
from riskregister import nouns
from riskregister.nouns import Noun, Page, Place

nouns.register(
    Noun(
        Finding,
        prefix="F",
        verbs=("finding",),
        subject="subject",
        moving=("status", "severity", "due_on", "owner", "opened_at"),
        related=("server", "vendor"),
        words=("title", "question_key"),
        hint="subject",
        pages=(Page("finding-detail"),),
        places={"owner": ("owner", "vendor.relationship_owner"), "requester": ("latest_claimer",)},
        due_on="due_on",
        severity="severity",
        held_by={
            "owner": Place(
                Capability.WRITE,
                still=~Q(status__in=(Finding.Status.CLOSED, Finding.Status.DISMISSED)),
                given="finding.assigned",
                left="finding.released",
                successor=assignment.fixer_of,
            ),
        },
        demo=("is_demo",),
    ),
    Noun(
        RemediationPlan,
        verbs=("remediation_plan",),
        unit="finding.unit_id",
        subject="finding.subject",
        of="finding",
        holds=("finding",),
        moving=("is_current",),
        related=("finding__server", "finding__vendor"),
        places={"owner": ("finding.owner", "finding.vendor.relationship_owner")},
        opens=("finding",),
        due_on="next_step",
        severity="finding.severity",
    ),
    Noun(Milestone, unit="plan.finding.unit_id", subject="plan.finding.subject", of="plan.finding", moving=()),
    Noun(
        FixClaim,
        unit="finding.unit_id",
        subject="finding.subject",
        of="finding",
        holds=("finding",),
        moving=("verdict",),
    ),
    Noun(
        RiskAcceptance,
        word="acceptance",
        prefix="RA",
        verbs=("acceptance",),
        subject="subject",
        holds=("finding",),
        moving=("status", "expires_on"),
        related=("finding", "server"),
        pages=(Page("acceptance-detail"),),
        places={
            "owner": ("finding.owner", "finding.vendor.relationship_owner", "server.owner"),
            "requester": ("requested_by",),
        },
        opens=("finding", "server"),
        severity="finding.severity",
        demo=("finding__is_demo", "server__is_demo"),
    ),
)
