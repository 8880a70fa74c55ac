"""Whether the register is alive and ready, for machines: no sign-in, no secrets, never cached."""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs import health


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer that the process runs; nothing else is asked, so that a slow database does not get it killed."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer what works; 503 when pages cannot be served, else 200 with status "ok" or "degraded"."""
    found = health.readiness(now=timezone.now())
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
        }
    )
