"""The methods of the Model Context Protocol, of its published versions up to 2026-07-28."""

# They carry nothing, or only say that something happened: a client needs them whatever it may use.
HARMLESS = frozenset({"ping"})
NOTIFICATIONS = "notifications/"
CALL = "tools/call"
KNOWN = frozenset(
    {
        "initialize",
        "server/discover",
        "tools/list",
        CALL,
        "resources/list",
        "resources/templates/list",
        "resources/read",
        "resources/subscribe",
        "resources/unsubscribe",
        "prompts/list",
        "prompts/get",
        "completion/complete",
        "logging/setLevel",
    }
)


def is_harmless(method: str) -> bool:
    """Return whether a client may send this to any server."""
    return method in HARMLESS or method.startswith(NOTIFICATIONS)
