"""The cards of people, units, roles and tokens; and of events, which people read by their roles."""

from accounts import access
from accounts.access import Capability
from accounts.models import ApiToken, Membership, Unit, User
from audit.models import Event
from riskregister import nouns
from riskregister.nouns import FieldHistory, Noun, Page

nouns.register(
    Noun(
        User,
        word="person",
        plural="people",
        verbs=("person",),
        unit=None,
        is_administrative=True,
        moving=("email", "name", "is_active", "session_epoch", "password", "last_login"),
        visible=access.visible_people,
        pages=(Page("account", key="", whose="pk"), Page("person", needs=Capability.ADMINISTER)),
        places={"self": ("self",)},
        field_history=FieldHistory(leaves_out=("last_login",), hides=("password",)),
    ),
    Noun(
        Unit,
        verbs=("unit", "demo"),
        unit=None,
        is_administrative=True,
        moving=("name",),
        visible=access.visible_units,
        pages=(Page("units", key="", needs=Capability.ADMINISTER),),
    ),
    Noun(
        Membership,
        word="role",
        verbs=("role",),
        unit=None,
        of="user",
        is_administrative=True,
        moving=(),
        places={"self": ("user",)},
        opens=("user",),
        due_on="valid_until",
    ),
    Noun(
        ApiToken,
        word="token",
        verbs=("token",),
        unit=None,
        is_administrative=True,
        moving=("revoked_at",),
        visible=access.visible_tokens,
        pages=(Page("account", key="", whose="user_id"), Page("tokens", key="", needs=Capability.ADMINISTER)),
        places={"owner": ("user",)},
        field_history=FieldHistory(leaves_out=("last_used_at",), hides=("digest",)),
    ),
    Noun(Event, moving=(), visible=access.visible_events, pages=(Page("event"),), field_history=None),
)
