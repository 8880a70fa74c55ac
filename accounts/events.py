"""What happens to people, their roles, units and tokens."""

from dataclasses import dataclass

from audit.events import ADMINISTRATION, EventType, Tell, Who, critical, declare, soon
from jobs.days import DayData, ends, left, near


@dataclass(frozen=True, slots=True)
class Address:
    """The person's address as it is now."""

    email: str


@dataclass(frozen=True, slots=True)
class EditedData:
    """The person's address as it is now, and what it was where it is another."""

    email: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class PasswordData:
    """How many API tokens ended with it, and whether it was set by a one-time link."""

    tokens: int = 0
    by_link: bool = False


def has_moved(data: EditedData) -> bool:
    """Return whether the address is another."""
    return bool(data.was)


def was_by_link(data: PasswordData) -> bool:
    """Return whether whoever held a link set it."""
    return data.by_link


@dataclass(frozen=True, slots=True)
class RoleData:
    """A role and the id of its unit, None for the whole organisation."""

    role: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class TokenData:
    """What a token may do, and the id of the person it acts for."""

    scopes: list[str]
    owner: str


declare(
    EventType("person.invited", "Person invited", silent=ADMINISTRATION, data=Address),
    EventType(
        "person.edited",
        "Person edited",
        Tell(
            "{actor} changed the address of your account to {email}: links to set your password go there",
            (Who.SELF,),
            when=has_moved,
            pace=critical,
        ),
        data=EditedData,
    ),
    EventType("person.activated", "Person activated", silent=ADMINISTRATION),
    EventType("person.deactivated", "Person deactivated", silent=ADMINISTRATION),
    EventType(
        "person.password_set",
        "Password set",
        Tell(
            "Your password was set with a one-time link: ask who administers the register if that was not you",
            (Who.SELF,),
            when=was_by_link,
            pace=critical,
        ),
        data=PasswordData,
    ),
    EventType(
        "person.link_sent",
        "One-time link sent",
        Tell("{actor} had a link that sets your password sent to {email}", (Who.SELF,), pace=critical),
        data=Address,
    ),
    EventType("person.sessions_ended", "Sessions ended", silent=ADMINISTRATION),
    EventType(
        "person.link_made",
        "One-time link made",
        Tell(
            "{actor} holds a link that sets your password: sign in and change it if you did not ask for one",
            (Who.SELF,),
            pace=critical,
        ),
    ),
    EventType("person.signing_failed", "Signing failed, wrong password", silent=ADMINISTRATION),
    EventType("role.given", "Role given", silent=ADMINISTRATION, data=RoleData),
    EventType("role.taken", "Role taken", silent=ADMINISTRATION, data=RoleData),
    EventType(
        "role.ending",
        "Role ends soon",
        Tell("Your role {label} {ends}", (Who.SELF,), fill=ends, pace=near),
        data=DayData,
    ),
    EventType("role.ended", "Role ended", Tell("Your role {label} has ended", (Who.SELF,), pace=soon), data=DayData),
    EventType("unit.opened", "Unit opened", silent=ADMINISTRATION),
    EventType("unit.renamed", "Unit renamed", silent=ADMINISTRATION),
    EventType(
        "token.issued",
        "Token issued",
        Tell("{actor} made an API token in your name: {label}", (Who.OWNER,), pace=critical),
        data=TokenData,
    ),
    EventType(
        "token.revoked", "Token revoked", Tell("{actor} revoked your API token {label}", (Who.OWNER,), pace=critical)
    ),
    EventType(
        "token.expired",
        "Token expired",
        Tell("Your API token {label} has expired", (Who.OWNER,), pace=soon),
        data=DayData,
    ),
    EventType(
        "token.expiring",
        "Token expiring",
        Tell(
            "Your API token {label} expires {left}",
            (Who.OWNER,),
            is_action=True,
            fill=left,
            pace=near,
            settled_by=("token.revoked", "token.expired"),
        ),
        data=DayData,
    ),
)
