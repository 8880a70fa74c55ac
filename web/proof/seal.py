"""The seal of the trail: when it was last checked, what came of it, and the key to check it without the register."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import access
from seal import state
from web.page_parts.access import MemberRequest, member


@require_safe
@member
def seal(request: MemberRequest) -> HttpResponse:
    """Show how the seal stands; what does not hold is named to those who read administrative events."""
    shown = {
        "standing": state.now(),
        "names_problems": access.of(request.user).reads_administration,
        "section": "trail",
    }
    return render(request, "trail/seal.html", shown)
