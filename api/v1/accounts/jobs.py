"""Background jobs, for administrators."""

from datetime import datetime

from django.db.models import QuerySet
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request

from accounts import access
from accounts.access import Capability
from accounts.principals import Principal
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from jobs.lists import JOBS
from jobs.models import Job
from work import retries


class JobOut(Out):
    """A piece of promised work; `progress` is a percentage."""

    class Meta:
        model = Job
        fields = (
            "id", "kind", "key", "status", "run_after", "attempts", "progress", "note", "error", "actor_kind",
            "actor_label", "created_at", "finished_at",
        )  # fmt: skip


class Jobs(ListModelMixin, RetrieveModelMixin, Noun[Job]):
    """What the register promised to do; for administrators."""

    serializer_class = JobOut
    reads = Capability.ADMINISTER
    of, orders = JOBS, ("-id",)

    def get_queryset(self) -> "QuerySet[Job]":
        """Return all jobs: nobody but administrators comes here."""
        return Job.objects.all()

    def check_permissions(self, request: Request) -> None:
        """Raise NotPermitted for whoever does not administer the register."""
        super().check_permissions(request)
        access.require(self.person, access.Capability.ADMINISTER)

    @step("retry", takes=retries.retry)
    def retry(self, job: Job, *, by: Principal, now: datetime) -> None:
        """Queue a stopped job again."""
        retries.retry(job, by=by, now=now)
