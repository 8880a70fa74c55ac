"""The sections of the register as the navigation and the keyboard lead to them."""

from typing import NamedTuple


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
            Entry("exit-plan-list", "Exit plans", "box-arrow-right", "x"),
            Entry("policy-list", "Policies", "shield-check", "o"),
        ),
    ),
    (
        "Proof",
        (
            Entry("evidence-list", "Evidence", "paperclip", "e"),
            Entry("report-list", "Reports", "file-earmark-text", "p"),
            Entry("trail", "Audit trail", "clock-history", "t"),
        ),
    ),
    ("Administration", (Entry("people", "People and units", "people", "u"),)),
)


# What static/js/keys.js does beside leading to a section.
SHORTCUTS = (
    ("/", "Search"),
    ("j or k", "Next or previous question or row"),
    ("1 to 9", "Choose an option of the question you are on"),
    ("n", "Write a comment on the question you are on"),
    ("Ctrl Enter", "Send the form"),
    ("?", "This list, where single keys can be turned off"),
)


def entries() -> list[Entry]:
    """Return all sections, each with the key that leads to it after `g`."""
    return [entry for _, entries in NAVIGATION for entry in entries]
