"""Administration of units, tokens, jobs and the demo organisation; and what this installation is."""

import platform
from functools import partial
from uuid import UUID

import django
from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.lists import TOKENS, UNITS
from accounts.models import Unit
from accounts.sign_in import links
from accounts.units import units as room
from alerts.delivery import deliveries
from alerts.models import Delivery
from evidence import rehashing
from evidence.models import Blob
from jobs import queue
from jobs.lists import JOBS
from jobs.models import Job
from operations import health
from riskregister import plurals
from vendors.models import Server
from web.accounts import demo
from web.forms.people import UnitForm, UnitNameForm
from web.page_parts import listing, lists
from web.page_parts.access import MemberRequest, administrator
from web.page_parts.asking import asks, filled, status_of
from web.page_parts.steps import done
from work import retries

SHOWN = 200
# Of each it is looked up what rests on it.
FILES_SHOWN = 50


@asks
@administrator
def units(request: MemberRequest) -> HttpResponse:
    """Show the units, and open one."""
    form = UnitForm(request.POST or None)
    if form.is_valid():
        step = partial(room.open_unit, **form.cleaned_data, by=request.user, now=timezone.now())
        if done(request, step, message="The unit is open. Give people roles in it.", form=form):
            return redirect("web:units")
    rows = Unit.objects.annotate(servers_count=Count("servers", filter=~Q(servers__status__in=Server.OUT_OF_USE)))
    shown = {
        "units": lists.table(UNITS, rows, most=SHOWN),
        "form": form,
        "section": "people",
        "tab": "units",
        "demo_offered": demo.is_offered(),
    }
    return render(request, "administration/units.html", shown, status=status_of(form))


@asks
@administrator
def unit(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Rename a unit."""
    found = get_object_or_404(Unit, pk=pk)
    form = filled(request, UnitNameForm, row=found)
    if form.is_valid():
        step = partial(form.take, found, **form.cleaned_data, by=request.user, now=timezone.now())
        if done(request, step, message="Renamed.", form=form):
            return redirect("web:units")
    shown = {"unit": found, "form": form, "section": "people"}
    return render(request, "administration/unit.html", shown, status=status_of(form))


@require_safe
@administrator
def tokens(request: MemberRequest) -> HttpResponseBase:
    """Show everybody's API tokens; `?format=csv` downloads exactly this view."""
    page = {"section": "people", "tab": "tokens", "demo_offered": demo.is_offered()}
    return listing.shown(request, TOKENS, template="administration/tokens.html", page=page)


@require_safe
@administrator
def jobs(request: MemberRequest) -> HttpResponse:
    """Show the background jobs: what stopped or was given up, files that are not whole, what waits and was done."""
    given_up = deliveries.given_up()
    counts = dict(Job.objects.order_by().values_list("status").annotate(n=Count("pk")))
    rows = Job.objects.order_by("-created_at")
    shown = {
        "counts": {status: counts.get(status, 0) for status in Job.Status.values},
        "dead": [(job, queue.words(job.kind)) for job in rows.filter(status=Job.Status.DEAD)[:SHOWN]],
        "given_up": [(one, deliveries.title(one)) for one in given_up[:SHOWN]],
        "given_up_count": given_up.count(),
        "waiting": lists.table(JOBS, rows.filter(status__in=[Job.Status.QUEUED, Job.Status.RUNNING]), most=50),
        "done": lists.table(JOBS, rows.filter(status=Job.Status.DONE), most=20),
        "files": rehashing.state(),
        "unchecked": Blob.objects.filter(last_check=None).count(),
        "bad_files": [(check, rehashing.needed_by(check.blob)) for check in rehashing.not_whole()[:FILES_SHOWN]],
        "section": "people",
        "tab": "jobs",
        "demo_offered": demo.is_offered(),
    }
    return render(request, "administration/jobs.html", shown)


@require_POST
@administrator
def retry(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Give a stopped job another set of attempts."""
    job = get_object_or_404(Job, pk=pk)
    done(request, partial(retries.retry, job, by=request.user, now=timezone.now()), message="The job will run again.")
    return redirect("web:jobs")


@require_POST
@administrator
def send_again(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Try once more to send a mail that was given up."""
    delivery = get_object_or_404(Delivery, pk=pk)
    step = partial(deliveries.retry, delivery, by=request.user, now=timezone.now())
    done(request, step, message=f"The mail to {delivery.address} will be tried again.")
    return redirect("web:jobs")


@require_POST
@administrator
def send_all_again(request: MemberRequest) -> HttpResponse:
    """Try once more to send all mail that was given up."""
    count = deliveries.retry_all(by=request.user, now=timezone.now())
    messages.success(request, f"{plurals.counted(count, 'mail')} will be tried again.")
    return redirect("web:jobs")


@require_safe
@administrator
def about(request: MemberRequest) -> HttpResponse:
    """Show what runs here and whether it is well."""
    shown = {
        "health": health.readiness(now=timezone.now()),
        "facts": [
            ("Version", settings.VERSION),
            ("Address", settings.ORIGIN),
            ("Database", connection.vendor),
            ("Queue", "Redis" if settings.REDIS_URL else "Embedded: the job table"),
            ("Evidence", _kept_in()),
            ("Mail", "Files in the data folder" if links.mail_goes_to_files() else "SMTP"),
            ("Time zone", settings.TIME_ZONE),
            ("Python", platform.python_version()),
            ("Django", django.get_version()),
        ],
        "section": "people",
        "tab": "about",
        "demo_offered": demo.is_offered(),
    }
    return render(request, "administration/about.html", shown)


def _kept_in() -> str:
    options = settings.STORAGES["blobs"].get("OPTIONS", {})
    return f"Bucket {options['bucket_name']}" if "bucket_name" in options else "Files in the data folder"
