"""The verbs of the trail as people read them, on pages and on paper."""

_WORDS = {
    "signin.succeeded": "Signed in",
    "signin.failed": "Sign-in failed",
    "signin.locked": "Sign-in locked for 15 minutes",
    "signin.signed_out": "Signed out",
    "finding.fix_claimed": "Fix claimed",
    "finding.fix_passed": "Fix verified",
    "finding.fix_failed": "Fix did not pass",
    "finding.observed_again": "Observed again",
    "finding.acceptance_requested": "Acceptance of the risk requested",
    "finding.accepted": "Risk accepted",
    "person.password_set": "Password set",
    "person.link_made": "One-time link made",
    "person.sessions_ended": "Sessions ended",
    "server.requested": "Server requested again",
    "server.review_started": "Review of the server started",
    "server.exposure_changed": "Exposure facts changed",
    "approval.granted": "Decision signed",
    "approval.superseded": "Decision replaced",
    "tools.captured": "Tools captured",
    "answer.not_applicable_confirmed": "Not applicable confirmed",
    "evidence.file_damaged": "Kept file found damaged",
    "evidence.file_missing": "Kept file found missing",
    "evidence.file_restored": "Kept file whole again",
    "job.died": "Background job stopped",
}


def words(verb: str) -> str:
    """Return a verb of the trail as people read it, e.g. "Assessment submitted"."""
    return _WORDS.get(verb) or verb.replace(".", " ").replace("_", " ").capitalize()
