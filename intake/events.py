"""What happens to requests for servers."""

from dataclasses import dataclass

from audit.events import EventType, Tell, Who, declare, soon


@dataclass(frozen=True, slots=True)
class AskedData:
    """What is asked for, and the number of the server where it is registered."""

    what: str
    server: str = ""


ANSWERED = ("request.granted", "request.declined", "request.withdrawn")
ASKER = (Who.REQUESTER,)

declare(
    EventType(
        "request.asked",
        "Server asked for",
        Tell(
            "{actor} asks for a server: {what}",
            (Who.ANALYSTS,),
            otherwise=Who.MANAGERS,
            is_action=True,
            settled_by=("request.taken_up", "request.linked", *ANSWERED),
        ),
        data=AskedData,
    ),
    EventType("request.taken_up", "Request taken up", Tell("{actor} looks at your request {label}", ASKER)),
    EventType(
        "request.linked",
        "Server found for a request",
        Tell("Your request {label} is about {server}", ASKER),
        data=AskedData,
    ),
    EventType(
        "request.granted", "Request granted", Tell("You may use {subject}, which you asked for", ASKER, pace=soon)
    ),
    EventType("request.declined", "Request declined", Tell("Your request {label} is declined", ASKER, pace=soon)),
    EventType("request.withdrawn", "Request withdrawn", silent="Whoever asked has changed their mind."),
)
