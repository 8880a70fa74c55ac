"""The sections of the register as the navigation and the keyboard lead to them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from accounts.access import Access, Capability


class Entry(NamedTuple):
    """One line of the navigation."""

    name: str
    word: str
    icon: str
    key: str
    url: str = ""
    current: bool = False


NAVIGATION: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("home", "Home", "house", "h"),
            Entry("inbox", "Inbox", "inbox", "i"),
            Entry("dashboard", "Dashboard", "bar-chart", "d"),
            Entry("request-list", "Requests", "sticky", "q"),
        ),
    ),
    (
        "Register",
        (
            Entry("vendor-list", "Vendors", "building", "v"),
            Entry("server-list", "Servers", "hdd-stack", "s"),
            Entry("assessment-list", "Assessments", "clipboard-check", "a"),
            Entry("finding-list", "Risk register", "flag", "f"),
            Entry("review-list", "Reviews", "calendar-check", "r"),
            Entry("contract-list", "Contracts", "briefcase", "k"),
            Entry("law", "Law", "bank", "y"),
            Entry("use-case-list", "Use cases", "tools", "z"),
            Entry("exit-plan-list", "Exit plans", "box-arrow-right", "x"),
            Entry("policy-list", "Policies", "shield-check", "o"),
            Entry("framework-list", "Controls", "list-check", "g"),
        ),
    ),
    (
        "Watch",
        (
            Entry("supply-chain-list", "Supply chain", "link-45deg", "l"),
            Entry("component-list", "Components", "layers", "c"),
            Entry("indicator-hit-list", "Threats", "exclamation-triangle", "b"),
            Entry("configured-server-list", "In use", "eye", "m"),
            Entry("feed-list", "Feeds", "download", "w"),
        ),
    ),
    (
        "Proof",
        (
            Entry("evidence-list", "Evidence", "paperclip", "e"),
            Entry("certificate-list", "Certificates", "award", "n"),
            Entry("report-list", "Reports", "file-earmark-text", "p"),
            Entry("trail", "Audit trail", "clock-history", "t"),
        ),
    ),
    ("Administration", (Entry("people", "People and units", "people", "u"),)),
)


# For whoever has an account, also without a role; of the rest nobody sees anything without one.
FOR_ANYBODY = ("home", "inbox", "request-list")
# For whoever does not register servers themselves.
ASK = Entry("request-ask", "Ask for a server", "plus-lg", "")


# What static/js/keys.js does beside leading to a section.
SHORTCUTS = (
    ("/", "Search"),
    ("j or k", "Next or previous question or row"),
    ("1 to 9", "Choose an option of the question you are on"),
    ("n", "Write a comment on the question you are on"),
    ("Ctrl Enter", "Send the form"),
    ("?", "This list, where single keys can be turned off"),
)


def shown_to(access: Access | None) -> Iterator[tuple[str, Sequence[Entry]]]:
    """Yield the groups of the navigation that somebody may use; without a role it is what anybody may."""
    for title, group in NAVIGATION:
        shown = [one for one in group if access is None or access.is_member or one.name in FOR_ANYBODY]
        if access and not title and not access.can(Capability.WRITE):
            shown.append(ASK)
        if shown and (title != "Administration" or (access and access.can(Capability.ADMINISTER))):
            yield title, shown


def entries() -> list[Entry]:
    """Return all sections, each with the key that leads to it after `g`."""
    return [entry for _, entries in NAVIGATION for entry in entries]
