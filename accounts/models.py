"""People, business units, memberships with roles, and API tokens."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from audit.context import Actor
from riskregister.ids import uuid7


class UserManager(BaseUserManager["User"]):
    """Finds and makes people by their e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person with this address; raise User.DoesNotExist."""
        return self.get(email__iexact=(username or "").strip())

    def create_user(self, email: str, name: str, password: str | None = None, *, is_demo: bool = False) -> "User":
        """Return a new active person; without a password they cannot sign in until they set one by a link."""
        user = self.model(email=self.normalize_email(email.strip()).lower(), name=name.strip(), is_demo=is_demo)
        user.set_password(password)
        user.save()
        return user


class Theme(models.TextChoices):
    """How pages look to a person."""

    SYSTEM = "system", "As the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class User(AbstractBaseUser):
    """A person. Nobody is deleted: who leaves is made inactive, so that what they did keeps its name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    theme = models.CharField(max_length=10, choices=Theme, default=Theme.SYSTEM)
    former_email = models.EmailField(max_length=254, blank=True, editable=False, help_text="told too for 30 days")
    email_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False, help_text="raised to end all sessions")
    created_at = models.DateTimeField(auto_now_add=True)
    is_demo = models.BooleanField(default=False, editable=False, help_text="invited by the demo organisation")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        ordering = ("name",)
        indexes = (
            models.Index(fields=["name", "id"], name="person_by_name"),
            models.Index(fields=["-is_active", "name", "id"], name="person_by_state"),
            models.Index(fields=["last_login", "-name", "-id"], name="person_by_sign_in"),
        )
        constraints = (models.UniqueConstraint(Lower("email"), name="one_person_per_address"),)

    def __str__(self) -> str:
        """Return the person's name."""
        return self.name

    @property
    def state(self) -> str:
        """Return whether the person can sign in: active, invited (no password yet) or inactive."""
        if not self.is_active:
            return "inactive"
        return "active" if self.has_usable_password() else "invited"

    @property
    def person(self) -> "User":
        """Return the person, who is a principal: they act for themselves."""
        return self

    @property
    def actor(self) -> Actor:
        """Return what the trail keeps of the person."""
        return Actor("person", str(self.pk), str(self), str(self.pk))

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return self.name.split(" ")[0]

    def get_session_auth_hash(self) -> str:
        """Return what a session must carry to be this person's: it changes with the password and the epoch."""
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Return the same under each former secret key."""
        return (self._session_hash(secret) for secret in settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | None) -> str:
        value = f"{self.password}:{self.session_epoch}"
        return salted_hmac("accounts.session", value, secret=secret, algorithm="sha256").hexdigest()


class Unit(models.Model):
    """A business unit: servers, assessments and findings belong to one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120, unique=True)
    code = models.SlugField(max_length=20, unique=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        """Return the unit's name."""
        return self.name


class Role(models.TextChoices):
    """What a membership lets a person do; see `access.CAPABILITIES`."""

    ANALYST = "analyst"
    APPROVER = "approver"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships by the day."""

    def in_force(self, *, on: date) -> "MembershipQuerySet":
        """Return memberships whose period, if any, contains the day."""
        return self.filter(
            models.Q(valid_from__isnull=True) | models.Q(valid_from__lte=on),
            models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=on),
        )


class Membership(models.Model):
    """A person's role in a unit, or in the whole organisation (`unit` empty); an auditor's may be for a period."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("user", "unit", "role")
        constraints = (
            models.UniqueConstraint(fields=["user", "unit", "role"], name="a_role_is_given_once"),
            models.UniqueConstraint(
                fields=["user", "role"],
                name="a_role_in_the_whole_organisation_is_given_once",
                condition=models.Q(unit__isnull=True),
            ),
            models.CheckConstraint(
                name="a_membership_ends_after_it_begins",
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("valid_from")),
            ),
            models.CheckConstraint(
                name="administrators_are_for_the_whole_organisation",
                condition=~models.Q(role="administrator") | models.Q(unit__isnull=True),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "analyst in Payments"."""
        return f"{self.get_role_display()} in {self.unit or 'the whole organisation'}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens by how they stand."""

    def with_state(self, *, now: datetime) -> Self:
        """Return the tokens with their state at the moment in a column: active, expired or revoked."""
        state = models.Case(
            models.When(revoked_at__isnull=False, then=models.Value("revoked")),
            models.When(expires_at__lte=now, then=models.Value("expired")),
            default=models.Value("active"),
            output_field=models.CharField(),
        )
        return self.annotate(state=state)


class ApiToken(models.Model):
    """A key for the REST API, of one person, scoped and expiring; only a keyed digest of it is stored.

    Its scopes are capabilities: it does what both they and its owner's roles allow.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=8, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=["name", "id"], name="token_by_name"),
            models.Index(fields=["expires_at", "id"], name="token_by_end"),
        )
        constraints = (
            models.CheckConstraint(
                name="a_token_expires_after_it_was_made", condition=models.Q(expires_at__gt=models.F("created_at"))
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "nightly export (mvr_1a2b3c4d…)"."""
        return f"{self.name} (mvr_{self.prefix}…)"

    def refuses(self, *, now: Any) -> str:
        """Return why the token is not accepted at this moment, or an empty string."""
        if self.revoked_at:
            return "This token was revoked."
        if self.expires_at <= now:
            return "This token has expired. Make a new one."
        return "" if self.user.is_active else "The owner of this token is no longer active."


class TakenRequest(models.Model):
    """What a sender has had done under a key; a second request with the same key gets the same answer.

    `asked` tells apart what was asked for. `status` is null until the answer is known: for a moment, or for good when
    the process ended in it. The answer is what the sender was told; it goes after a day.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sender = models.CharField(max_length=60)
    key = models.CharField(max_length=64)
    asked = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    location = models.CharField(max_length=500, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["sender", "key"], name="a_key_is_taken_once_by_its_sender"),)

    def __str__(self) -> str:
        """Return the sender and the moment."""
        return f"{self.sender}, {self.at:%Y-%m-%d %H:%M}"


class KeptPart(models.Model):
    """What was counted of a part of the register (see `accounts.units.kept_figures`), as JSON.

    `basis` says as of which day and by which rules, `version` rises with each count.
    """

    part = models.CharField(max_length=36, primary_key=True)
    basis = models.CharField(max_length=80)
    version = models.PositiveBigIntegerField(default=1)
    body = models.TextField()

    def __str__(self) -> str:
        """Return the part."""
        return self.part


class PartMark(models.Model):
    """That something of a part has changed since it was counted; written by triggers, in the transaction of the change.

    One row a transaction: nobody who changes something waits for anybody else who does.
    """

    id = models.BigAutoField(primary_key=True)
    part = models.CharField(max_length=36)
    occasion = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["part", "occasion"], name="a_part_is_marked_once_an_occasion"),)

    def __str__(self) -> str:
        """Return the part."""
        return self.part
