"""Evidence as the tabs of servers and vendors show it, the newest first."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from assessments import lists as evidence_lists
from evidence.models import Evidence
from web.page_parts import lists

SHOWN = 200


def tab(user: User, about: Exists, **subject: UUID) -> dict[str, Any]:
    """Return the newest evidence about a server or a vendor, as servers/evidence_lines.html shows it, with its uses.

    `subject` names it in the address of the list that has all of it, e.g. server=….
    """
    today = timezone.localdate()
    rows = Evidence.objects.visible_to(user).filter(about).select_related("blob").order_by("-number")
    found = lists.first(evidence_lists.with_uses(rows, user), SHOWN)
    return {
        "evidence": [{"row": row, "state": evidence_lists.state(row, today=today)} for row in found.rows],
        "total": found.total,
        "all_url": f"{reverse('web:evidence-list')}?{urlencode(subject)}",
    }
