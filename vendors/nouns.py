"""The cards of whom and what we depend on."""

from riskregister import nouns
from riskregister.nouns import Noun
from vendors.models import Server, Vendor

nouns.register(
    Noun(Server, subject="self", moving=("status", "pinned_release")),
    Noun(Vendor, unit=None, subject="self"),
)
