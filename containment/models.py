"""Policies say whether an answer is obeyed in a unit; denials are what was, or would have been, blocked."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from accounts import access
from accounts.access import ScopedQuerySet, SharedQuerySet
from accounts.models import ApiToken, Unit, User
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from vendors.models import Server


class PolicyQuerySet(ScopedQuerySet["Policy"]):
    """Policies of the units a person works in."""

    def standing(self) -> "PolicyQuerySet":
        """Return those that answer today."""
        return self.exclude(status=Policy.Status.RETIRED)


class Policy(Numbered):
    """Whether gateways and clients of a unit are told to block what is not approved, or only what would be blocked.

    What is suspended is blocked whatever it says.
    A unit without one is answered as if it were enforced: whoever forgets it blocks too much, never too little.
    """

    class Status(models.TextChoices):
        """What is answered to whoever asks."""

        OBSERVING = "observing", "Observing"
        ENFORCING = "enforcing", "Enforcing"
        RETIRED = "retired", "Retired"

    TRANSITIONS = transitions.table(observing="enforcing retired", enforcing="observing retired")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="policies")
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=10, choices=Status, default=Status.OBSERVING)
    reason = models.TextField(help_text="why it is as it is, in the words of whoever moved it last")
    moved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["unit"], name="a_unit_has_one_policy", condition=~Q(status="retired")),
        )

    def __str__(self) -> str:
        """Return e.g. "PO-2 Gateway of Payments"."""
        return f"{self.ref} {self.name}"


class Reason(models.TextChoices):
    """Why a call is denied; empty for one that is not."""

    UNKNOWN_SERVER = "unknown_server", "The register does not know this server"
    AMBIGUOUS_SERVER = "ambiguous_server", "Several units have a server of this name, and not all may use it"
    NOT_APPROVED = "not_approved", "The server is not approved"
    SUSPENDED = "suspended", "The server is suspended"
    APPROVAL_ENDED = "approval_ended", "The approval has run out"
    CHANGED = "changed", "The pinned release is not the one that was approved"
    UNKNOWN_METHOD = "unknown_method", "The register does not know this method"
    TOOLS_UNKNOWN = "tools_unknown", "No tools of the approved release were captured"
    TOOL_NOT_APPROVED = "tool_not_approved", "The approved release has no such tool"
    TOOL_CHANGED = "tool_changed", "The tool is not as it was when it was approved"


class DenialQuerySet(SharedQuerySet["Denial"]):
    """What was denied in the units a person works in, and of unknown servers to whoever asks for several units."""


class Denial(models.Model):
    """Calls that were denied on one day for one reason, or would have been while its policy only observed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    server = models.ForeignKey(Server, on_delete=models.PROTECT, null=True, blank=True, related_name="denials")
    named = models.CharField(max_length=200, help_text="the server, as whoever asked called it")
    method = models.CharField(max_length=60)
    tool = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=20, choices=Reason)
    was_blocked = models.BooleanField(help_text="false while the policy only observed")
    agent = models.CharField(max_length=200, blank=True, help_text="the last agent or client that was named")
    on = models.DateField()
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    objects = DenialQuerySet.as_manager()

    class Meta:
        ordering = ("-last_at", "-id")
        indexes = (
            models.Index(fields=["-last_at", "-id"], name="denial_by_time"),
            models.Index(fields=["unit", "-last_at", "-id"], name="denial_by_unit_time"),
            models.Index(fields=["on"], name="denial_by_day"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["on", "server", "method", "tool", "reason", "was_blocked"],
                name="a_denial_is_counted_once_a_day",
                condition=Q(server__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["on", "unit", "named", "method", "tool", "reason", "was_blocked"],
                name="a_denial_of_no_server_is_counted_once_a_day_in_a_unit",
                condition=Q(server__isnull=True, unit__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["on", "named", "method", "tool", "reason", "was_blocked"],
                name="a_denial_of_no_server_is_counted_once_a_day",
                condition=Q(server__isnull=True, unit__isnull=True),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "tools/call of com.example/weather"."""
        return f"{self.method} of {self.named}"

    @property
    def outcome(self) -> str:
        """Return what became of the calls, in words."""
        return "Blocked" if self.was_blocked else "Let pass, only observed"


class AskerQuerySet(models.QuerySet["Asker"]):
    """Who asks."""

    def seen_by(self, user: Any) -> "AskerQuerySet":
        """Return those by tokens that reach a unit which the person sees; all to whoever sees all units."""
        return self if access.of(user).sees_all_units else self.filter(token__user__in=access.people_beside(user))


class Asker(models.Model):
    """A client or gateway that asks for decisions, fetches the feed or a policy file, or loaded the canary."""

    class Kind(models.TextChoices):
        """What it asks for."""

        DECISIONS = "decisions"
        FEED = "feed"
        POLICY_FILE = "policy_file", "Policy file"
        CANARY = "canary", "The canary, which no client may load"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    client = models.CharField(max_length=200, blank=True, help_text="what it calls itself, with its version")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="that its token belongs to; empty: several, or nobody knows",
    )  # fmt: skip
    longest_pause = models.DurationField(default=timedelta, help_text="the longest that it was quiet of its own accord")
    silent_since = models.DateTimeField(null=True, blank=True, help_text="when it was found to ask no more")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    objects = AskerQuerySet.as_manager()

    class Meta:
        ordering = ("-last_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "token", "client"], name="an_asker_is_noted_once", condition=Q(token__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["kind", "client"], name="an_unnamed_asker_is_noted_once", condition=Q(token__isnull=True)
            ),
        )
        indexes = (models.Index(fields=["silent_since", "last_at"], name="asker_by_silence"),)

    def __str__(self) -> str:
        """Return what it calls itself."""
        return self.client or "unnamed"


class EnforcementTestQuerySet(ScopedQuerySet["EnforcementTest"]):
    """Tests in the units a person works in."""


class EnforcementTest(Numbered):
    """That somebody tried whether a client of one version obeys: with what, how, on which day, and what came of it.

    It stays as it was recorded: the same client tried again is a further one.
    """

    class Control(models.TextChoices):
        """What the client is to obey."""

        DECISIONS = "decisions", "Decision point"
        FEED = "feed", "Registry"
        COPILOT = "copilot-managed-settings", "managed-settings.json of Copilot and VS Code"
        CLAUDE_SETTINGS = "claude-code-managed-settings", "managed-settings.json of Claude Code"
        CLAUDE_SERVERS = "claude-code-managed-mcp", "managed-mcp.json of Claude Code"
        VSCODE = "vscode-policy", "policy.json of VS Code"
        NETWORK = "network", "Isolation of the network"

    class Result(models.TextChoices):
        """What came of it."""

        HOLDS = "holds", "It holds"
        IN_PART = "in_part", "It holds in part"
        FAILS = "fails", "It does not hold"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="enforcement_tests")
    client = models.CharField(max_length=120)
    version = models.CharField(max_length=60)
    control = models.CharField("what it is to obey", max_length=40, choices=Control)
    how = models.TextField("what was tried")
    result = models.CharField(max_length=8, choices=Result)
    tried_on = models.DateField()
    tried_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = EnforcementTestQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (models.Index(fields=["tried_on", "number"], name="enforcement_test_by_day"),)

    def __str__(self) -> str:
        """Return e.g. "ET-3 Claude Code 2.1.300"."""
        return f"{self.ref} {self.client} {self.version}"


class IsolationProfileQuerySet(ScopedQuerySet["IsolationProfile"]):
    """Isolation profiles of the units a person works in."""


class IsolationProfile(models.Model):
    """Which walls stand around a server: what it may reach, and what it may use of the machine that runs it.

    Lists are sorted, and texts in the one form of `containment.isolation.facts`. No tools: all that are approved.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="isolation_profiles")
    server = models.OneToOneField(Server, on_delete=models.PROTECT, related_name="isolation")
    egress_hosts = models.JSONField(default=list)
    read_only_paths = models.JSONField(default=list)
    tools = models.JSONField(default=list)
    image = models.CharField(max_length=500, blank=True, help_text="by its digest; empty: the vendor runs it")
    port = models.PositiveIntegerField()
    path = models.CharField(max_length=200)
    run_as_user = models.PositiveIntegerField()
    memory_mb = models.PositiveIntegerField("memory")
    cpu_millis = models.PositiveIntegerField("CPU")
    processes = models.PositiveIntegerField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    objects = IsolationProfileQuerySet.as_manager()

    class Meta:
        ordering = ("-written_at", "-id")
        indexes = (models.Index(fields=["written_at", "id"], name="isolation_by_time"),)

    def __str__(self) -> str:
        """Return e.g. "Isolation of S-12 Filesystem"."""
        return f"Isolation of {self.server}"


class ArtefactFetch(models.Model):
    """What was handed out last of an artefact of a profile, to whom, and when."""

    profile = models.ForeignKey(IsolationProfile, on_delete=models.CASCADE, related_name="fetches")
    artefact = models.CharField(max_length=30)
    text = models.TextField()
    fetched_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["profile", "artefact"], name="an_artefact_was_fetched_last_once"),
        )

    def __str__(self) -> str:
        """Return which artefact it is."""
        return self.artefact
