"""What happens in Research."""

from functools import partial

from assessments import lifecycle
from decisions.approvals import approvals
from decisions.models import Review
from decisions.ratings import overriding
from decisions.reviews import reviews
from demo.diary import Diary
from demo.organisation import Organisation
from demo.story import remedies, vendors
from demo.story.case import EXAMPLE, Case
from scoring.scales import Residual
from vendors import lifecycle as server_lifecycle

KEYS = ("everything", "context7", "filesystem", "firecrawl", "exa", "memory", "brave-search", "git", "tavily")
USEFUL = "It helps with experiments, and a mistake stays in the laboratory."


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary what the unit does."""
    cases = {key: Case(diary, organisation, key) for key in KEYS}
    _everything(diary, cases["everything"])
    _context7(diary, cases["context7"])
    _filesystem(diary, cases["filesystem"])
    _firecrawl(diary, cases["firecrawl"])
    _exa(diary, cases["exa"])
    _unfinished(diary, cases)
    vendor_names = ("Model Context Protocol", "Upstash", "Firecrawl")
    for days_ago, name in zip((382, 347, 241), vendor_names, strict=True):
        diary.on(days_ago, partial(vendors.activate, diary, name, by=organisation.person("jonas")))


def _everything(diary: Diary, case: Case) -> None:
    """Used for a while, then retired."""
    diary.on(398, case.arrive)
    diary.on(392, case.assess)
    diary.on(390, case.submit)
    diary.on(383, partial(case.decide, reason=USEFUL))
    diary.on(151, case.stop_using)
    reason = f"The client tests use a server of their own now. {EXAMPLE}"
    diary.on(150, lambda: case.by(case.manager, server_lifecycle.retire, case.server, reason=reason))
    diary.on(149, partial(remedies.close_all, case, "The server is retired."))


def _context7(diary: Diary, case: Case) -> None:
    """Approved almost a year ago: its review has opened by itself. The manager asks to show another residual risk."""
    diary.on(365, case.arrive)
    diary.on(355, case.assess)
    diary.on(352, case.submit)
    diary.on(348, partial(case.decide, reason=USEFUL))
    diary.on(250, lambda: _ask_for_review(case))
    diary.on(5, lambda: _ask_for_override(case))


def _filesystem(diary: Diary, case: Case) -> None:
    """A claimed fix did not pass; an acceptance was revoked."""
    isolation, watching = "permission_scope.isolation", "operational_resilience.monitoring"
    diary.on(310, case.arrive)
    diary.on(302, case.assess)
    diary.on(300, case.submit)
    diary.on(296, partial(case.decide, reason=USEFUL))
    diary.on(280, lambda: remedies.accept(case, watching, days=300, granted_by=case.approver))
    diary.on(160, lambda: remedies.revoke(case, watching))
    diary.on(126, case.assess)
    diary.on(123, case.submit)
    diary.on(119, partial(case.decide, reason="As before; the isolation must come."))
    diary.on(40, lambda: remedies.plan(case, isolation, "Run it in a sandbox that sees one folder.", days=50))
    diary.on(22, lambda: remedies.claim(case, isolation, "It runs in a sandbox.", option="sandbox_tested"))
    diary.on(18, lambda: remedies.fail(case, isolation, "A link out of the folder could still be followed."))


def _firecrawl(diary: Diary, case: Case) -> None:
    """The approval is withdrawn, its use ended, and the vendor is being offboarded."""
    diary.on(255, case.arrive)
    diary.on(247, case.assess)
    diary.on(245, case.submit)
    diary.on(242, partial(case.decide, reason=USEFUL))
    reason = f"We move to another way of collecting pages. {EXAMPLE}"
    diary.on(33, lambda: case.by(case.approver, approvals.withdraw, case.approval, reason=reason))
    diary.on(31, case.stop_using)
    diary.on(29, partial(vendors.offboard, diary, "Firecrawl", by=case.owner))


def _exa(diary: Diary, case: Case) -> None:
    """A critical finding: the owner asks to accept its risk, since it cannot be approved before."""
    endpoint = "security_posture.endpoint_authentication"
    diary.on(40, case.arrive)
    diary.on(24, case.assess)
    diary.on(21, case.submit)
    diary.on(13, case.finalise)
    diary.on(6, lambda: remedies.ask(case, endpoint, days=120))


def _unfinished(diary: Diary, cases: dict[str, Case]) -> None:
    """What waits: an assessment that was returned, one half answered, one never begun, and a use without approval."""
    memory, git = cases["memory"], cases["git"]
    diary.on(70, memory.arrive)
    diary.on(27, partial(memory.assess, questions=2))
    diary.on(23, memory.submit)
    reason = f"Half of it rests on a note. Ask the team for the documents. {EXAMPLE}"
    diary.on(15, lambda: memory.by(memory.approver, lifecycle.return_to_draft, memory.assessment, reason=reason))
    diary.on(60, cases["brave-search"].arrive)
    diary.on(20, git.arrive)
    diary.on(11, partial(git.assess, share=0.5, questions=2))
    diary.on(3, cases["tavily"].arrive)


def _ask_for_review(case: Case) -> None:
    """A review is asked for, and skipped by the manager."""
    reason = f"A new major release was announced. {EXAMPLE}"
    review = case.by(case.colleague, reviews.request_review, case.server, reason=reason, due_on=case.in_days(45))
    waits = Review.objects.select_related("server", "assessment").get(pk=review.pk)
    case.by(case.manager, reviews.skip, waits, reason=f"The release was put off. {EXAMPLE}")


def _ask_for_override(case: Case) -> None:
    reason = f"It reads public documentation only, and no agent acts on it. {EXAMPLE}"
    case.by(
        case.manager, overriding.request, case.server,
        residual=Residual.LOW.value, reason=reason, expires_on=case.in_days(90),
    )  # fmt: skip
