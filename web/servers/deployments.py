"""Pages of a server's deployments: where it runs, for whom, and how much harm it could do there."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from controls.tiers import measuring
from landscape import profile_facts
from landscape.models import DeploymentService, SharedService, TechnicalProfile, UseCase, UseCaseDeployment
from vendors import tiers
from vendors.lists import DEPLOYMENTS
from vendors.models import Deployment, Server
from vendors.registering import deployments, exposure
from web.forms.servers.deployments import DeploymentForm, EndForm
from web.page_parts import asking, lists, steps
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import asks
from web.servers.server_edit import suggestion_for
from web.servers.serverframe import find_to_write, frame, page_of

ENDED_SHOWN = 200


@dataclass(frozen=True, slots=True)
class FactRow:
    """An exposure fact: its title, its level (empty: not known) and what that level means."""

    title: str
    level: str
    meaning: str


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """A deployment with its facts in words, what it works for and runs behind, its technical profile, and what was seen
    that is not as that says.
    """

    deployment: Deployment
    facts: list[FactRow]
    serves: list[UseCaseDeployment]
    behind: list[DeploymentService]
    profile: TechnicalProfile | None
    seen_otherwise: list[str]

    @property
    def proposed(self) -> int:
        """Return the governance tier that is proposed for it."""
        return measuring.proposal_for(self.deployment).tier

    @property
    def gaps(self) -> str:
        """Return what is not known about it in words, or an empty text."""
        unknown = exposure.unknown(self.deployment)
        return f"Not known, so counted as severe: {', '.join(fact.title for fact in unknown)}." if unknown else ""


@require_safe
@member
def index(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the deployments of a server, current ones first, each with the reason of its tier."""
    page = frame(request, pk, tab="server-deployments")
    serves = UseCaseDeployment.objects.filter(use_case__in=UseCase.objects.standing()).select_related("use_case")
    behind = DeploymentService.objects.filter(service__in=SharedService.objects.standing()).select_related("service")
    rows = page["server"].deployments.select_related("owner")
    rows = rows.prefetch_related(Prefetch("serves", serves), Prefetch("behind", behind))
    current = rows.filter(ended_on__isnull=True).order_by("inherent_tier", "number")
    ended = rows.filter(ended_on__isnull=False).order_by("-ended_on", "number")
    written = TechnicalProfile.objects.current().filter(deployment__server=pk).select_related("deployment")
    profiles = {row.deployment_id: row for row in written}
    otherwise = profile_facts.seen_otherwise(profiles.values(), now=timezone.now())
    own = _facts(page["server"])
    extra = {
        "current": [
            DeploymentRow(
                row,
                _facts(row),
                list(row.serves.all()),
                list(row.behind.all()),
                profiles.get(row.pk),
                otherwise.get(str(row.pk), []),
            )
            for row in current
        ],
        "ended": lists.table(DEPLOYMENTS, ended, most=ENDED_SHOWN),
        "own_facts": own,
    }
    return render(request, "servers/deployments.html", page | extra)


@asks
@member_who_may(deployments.add_deployment)
def add(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Add a deployment of a server."""
    server = find_to_write(request, pk)
    form = asking.filled(request, DeploymentForm, signs=(deployments.add_deployment, server), server=server)
    if request.method == "POST" and form.is_valid():
        data, now = asking.values_of(form), timezone.now()
        made = steps.attempt(
            request, lambda: deployments.add_deployment(server, **data, by=request.user, now=now), form=form
        )
        if made is not None:
            messages.success(request, f"{made.name} is on record. The tier follows from its facts.")
            return redirect("web:server-deployments", pk=pk)
    return _form_page(request, server, form)


@asks
@member_who_may(deployments.edit_deployment)
def edit(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change a deployment; its tier and the server's follow."""
    deployment = _find(request, pk)
    signs = (deployments.edit_deployment, deployment)
    form = asking.filled(request, DeploymentForm, signs=signs, server=deployment.server, deployment=deployment)
    if request.method == "POST" and form.is_valid():
        data, now = asking.values_of(form), timezone.now()
        if steps.done(
            request,
            lambda: form.take(deployment, changes=data, by=request.user, now=now),
            message="Saved. The tier follows from these facts.",
            form=form,
        ):
            return redirect("web:server-deployments", pk=deployment.server_id)
    return _form_page(request, deployment.server, form, deployment=deployment)


@asks
@member_who_may(deployments.end_deployment)
def end(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End a deployment on a day."""
    deployment = _find(request, pk)
    words = "It no longer counts for the tier and the use of the server. It stays on record and cannot be changed."
    page = page_of(deployment.server, f"End {deployment.name}", words, "End it", to="server-deployments", danger=True)
    return asking.ask(
        request,
        asking.filled(
            request, EndForm, signs=(deployments.end_deployment, deployment), initial={"on": timezone.localdate()}
        ),
        page,
        step=lambda data: deployments.end_deployment(deployment, **data, by=request.user, now=timezone.now()),
        message=f"{deployment.name} has ended.",
    )


def _find(request: MemberRequest, pk: UUID) -> Deployment:
    rows = Deployment.objects.select_related("server__unit", "server__pinned_release")
    deployment = visible(rows, request.user, pk=pk)
    deployments.edit_deployment.require(deployment, request.user)
    return deployment


def _form_page(
    request: MemberRequest, server: Server, form: DeploymentForm, *, deployment: Deployment | None = None
) -> HttpResponse:
    page = {
        "server": server,
        "deployment": deployment,
        "form": form,
        "suggestion": suggestion_for(server),
        "section": "server-list",
    }
    return render(request, "servers/deployment.html", page, status=asking.status_of(form))


def _facts(exposed: Deployment | Server) -> list[FactRow]:
    return [_fact(fact, getattr(exposed, fact.key)) for fact in tiers.load().facts]


def _fact(fact: tiers.ExposureFact, level: str) -> FactRow:
    return FactRow(fact.title, level, fact.levels[tiers.Exposure(level)] if level else "")
