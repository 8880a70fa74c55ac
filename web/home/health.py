"""Whether the register is alive and ready, for machines: no sign-in, no secrets, never cached."""

from datetime import datetime

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from evidence import rehashing
from operations import health
from seal import state


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer that the process runs; nothing else is asked, so that a slow database does not get it killed."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer what works; 503 when pages cannot be served, else 200 with status "ok" or "degraded"."""
    now = timezone.now()
    found = health.readiness(now=now)
    if not found.can_serve:
        return JsonResponse({"status": "unavailable", "database": False, "broker": found.broker}, status=503)
    return JsonResponse(
        {
            "status": "ok" if found.is_well else "degraded",
            "database": found.database,
            "broker": found.broker,
            "oldest_unsent_seconds": found.oldest_unsent_seconds,
            "oldest_queued_seconds": found.oldest_queued_seconds,
            "dead_jobs": found.dead_jobs,
            "missing_guards": list(found.missing_guards),
            "data_folder": found.data_folder or "ok",
            **_files(now=now),
            **state.figures(at=now),
        }
    )


def _files(*, now: datetime) -> dict[str, int | None]:
    """Return how long ago a kept file was last read again (None: not yet), and how many were not whole then."""
    state = rehashing.state()
    age = int((now - state.checked_at).total_seconds()) if state.checked_at else None
    return {"last_file_check_seconds": age, "damaged_files": state.damaged, "missing_files": state.missing}
