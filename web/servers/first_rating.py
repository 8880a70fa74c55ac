"""What leads a server that was just registered to its first rating, as a list of tasks."""

from dataclasses import dataclass

from django.urls import reverse

from assessments.models import Assessment
from vendors.models import Server

_BEFORE = {
    "release-import": ("Record its release", "The version that you would use, with its packages."),
    "server-tools": ("Import its tools", "What it offers to agents, with a digest."),
    "deployment-add": ("Say where it runs", "A deployment and its facts give the tier."),
}
_ASSESS = "Five parts, saved as you go. Somebody else decides."


@dataclass(frozen=True, slots=True)
class Task:
    """A step on the way to a first assessment: what, why, where, and how far (a key of the section badges)."""

    title: str
    hint: str
    url: str
    status: str


def tasks(server: Server, running: Assessment | None) -> list[Task]:
    """Return what leads from a registered server to its first rating, in the order that saves work."""
    done = {
        "release-import": server.releases_count > 0,  # type: ignore[attr-defined]
        "server-tools": server.releases.exclude(manifest_digest="").exists(),
        "deployment-add": server.deployments_count > 0,  # type: ignore[attr-defined]
    }
    before = [
        Task(title, hint, "" if done[name] else reverse(f"web:{name}", args=[server.pk]), _stage(done[name]))
        for name, (title, hint) in _BEFORE.items()
    ]
    start = reverse("web:assessment-start", args=[server.pk]) if done["release-import"] else ""
    url = reverse("web:assessment-detail", args=[running.pk]) if running else start
    return [*before, Task("Assess it", _ASSESS, url, "in_progress" if running else "not_started")]


def _stage(is_done: object) -> str:
    return "complete" if is_done else "not_started"
