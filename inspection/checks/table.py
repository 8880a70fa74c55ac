"""All checks, and the version of the set. A manifest is checked again when the version is another."""

from collections.abc import Iterable

from inspection.checks import characters, claims, combinations, parameters, shadowing, wording
from inspection.checks.declared import Check, Nature, Result
from inspection.checks.offered import Subject
from scoring.scales import Severity

# Another one with every change of what the checks find: `tests/inspection/test_checks.py` has their digest.
VERSION = "1"

_TOOL_POISONING, _SECRETS, _SHADOW, _OVER_SHARING, _INTENT = "MCP03", "MCP01", "MCP03", "MCP10", "MCP06"

CHECKS = (
    Check(
        id="hidden-characters",
        title="Hidden characters",
        reason="A model reads characters that nobody sees, so that a text says something else to it than to people.",
        remedy="Ask the vendor why they are there. Do not approve the release before they are gone or explained.",
        owasp=_TOOL_POISONING,
        techniques=("SAFE-T1402", "SAFE-T1001"),
        nature=Nature.FACT,
        severity=Severity.HIGH,
        gates=True,
        look=characters.hidden,
    ),
    Check(
        id="look-alike-names",
        title="Names that look alike",
        reason="People and models take a tool for another one whose name looks like it.",
        remedy="Ask the vendor to rename them. Allow agents only the one that they need.",
        owasp=_TOOL_POISONING,
        techniques=("SAFE-T1405", "SAFE-T1004"),
        nature=Nature.FACT,
        severity=Severity.MEDIUM,
        gates=True,
        look=characters.look_alikes,
    ),
    Check(
        id="name-shadowing",
        title="Name shadowing",
        reason="Two servers of one agent offer a tool by one name, so that a call meant for one may go to the other.",
        remedy="Use clients that put the server before the name, or give the agent only one of the two.",
        owasp=_SHADOW,
        techniques=("SAFE-T1301", "SAFE-T1008"),
        nature=Nature.FACT,
        severity=Severity.HIGH,
        gates=True,
        needs=shadowing.no_agent,
        look=shadowing.shadowed,
    ),
    Check(
        id="contradicted-claims",
        title="Claims that its own words contradict",
        reason="Clients ask people before a call by these claims: a false one leaves people out.",
        remedy="Try what the tool does, and count its power by that.",
        owasp="MCP02",
        techniques=("SAFE-T1406", "SAFE-T1104"),
        nature=Nature.FACT,
        severity=Severity.MEDIUM,
        look=claims.contradicted,
    ),
    Check(
        id="secret-parameters",
        title="Credentials as parameters",
        reason="What a model passes on stands in its context, in logs and with the vendor.",
        remedy="Have the server get its credentials from its environment, never from a model.",
        owasp=_SECRETS,
        techniques=("SAFE-T1911",),
        nature=Nature.FACT,
        severity=Severity.MEDIUM,
        look=parameters.secrets,
    ),
    Check(
        id="context-parameters",
        title="Parameters that ask for what the model knows",
        reason="The conversation, the system prompt or other tools are no business of a server that is called.",
        remedy="Ask the vendor what it is for. Do not let agents fill it in.",
        owasp=_OVER_SHARING,
        techniques=("SAFE-T1911", "SAFE-T1603"),
        nature=Nature.FACT,
        severity=Severity.MEDIUM,
        look=parameters.of_the_model,
    ),
    Check(
        id="dangerous-combination",
        title="Dangerous combination of tools",
        reason="With private data and a way out, who writes what an agent reads can have it send the data elsewhere.",
        remedy="Let the agent have only the tools that it needs, and ask people before anything goes out.",
        owasp=_INTENT,
        techniques=("SAFE-T1703", "SAFE-T1914"),
        nature=Nature.FACT,
        severity=Severity.MEDIUM,
        look=combinations.of_server,
    ),
    Check(
        id="dangerous-combination-of-agent",
        title="Dangerous combination over the servers of one agent",
        reason="What no server has alone an agent has with several.",
        remedy="Give these servers to different agents, or ask people before anything goes out.",
        owasp=_INTENT,
        techniques=("SAFE-T1703", "SAFE-T1701"),
        nature=Nature.FACT,
        severity=Severity.MEDIUM,
        needs=shadowing.no_agent,
        look=combinations.of_agents,
    ),
    Check(
        id="names-others-tools",
        title="Names tools of another server",
        reason="A description of one server can change how the model calls the tools of another.",
        remedy="Read what it says of them.",
        owasp=_SHADOW,
        techniques=("SAFE-T1301", "SAFE-T1701"),
        nature=Nature.WORDING,
        severity=Severity.MEDIUM,
        needs=shadowing.no_agent,
        look=shadowing.mentions,
    ),
    Check(
        id="orders",
        title="Orders to the model",
        reason="A description says what a tool does; orders beyond that steer the model.",
        remedy="Read it as the model does, and ask the vendor what it is for.",
        owasp=_TOOL_POISONING,
        techniques=("SAFE-T1001", "SAFE-T1401", "SAFE-T1501"),
        nature=Nature.WORDING,
        severity=Severity.HIGH,
        look=wording.orders,
    ),
    Check(
        id="secrecy",
        title="Something kept from people",
        reason="A tool has no reason to have the model hide what it does.",
        remedy="Read it as the model does, and ask the vendor what it is for.",
        owasp=_TOOL_POISONING,
        techniques=("SAFE-T1001", "SAFE-T1404"),
        nature=Nature.WORDING,
        severity=Severity.HIGH,
        look=wording.secrecy,
    ),
    Check(
        id="secret-files",
        title="Places where secrets are kept",
        reason="A text that names keys, tokens or passwords of the machine may have the model read them.",
        remedy="Ask the vendor why it names them, and keep the server from them.",
        owasp=_SECRETS,
        techniques=("SAFE-T1502", "SAFE-T1503"),
        nature=Nature.WORDING,
        severity=Severity.HIGH,
        look=wording.secret_files,
    ),
    Check(
        id="ways-out",
        title="Something handed out",
        reason="A text can have the model pass on what it knows, to an address or in a parameter.",
        remedy="Read it as the model does, and keep the server's traffic to known hosts.",
        owasp=_OVER_SHARING,
        techniques=("SAFE-T1911", "SAFE-T1913"),
        nature=Nature.WORDING,
        severity=Severity.HIGH,
        look=wording.ways_out,
    ),
    Check(
        id="praise",
        title="Draws calls to itself",
        reason="A model that is told to prefer a tool calls it where another one was meant.",
        remedy="Allow agents only the tools that they need.",
        owasp=_INTENT,
        techniques=("SAFE-T1406",),
        nature=Nature.WORDING,
        severity=Severity.LOW,
        look=wording.praise,
    ),
)


def results(subject: Subject) -> list[Result]:
    """Return what comes of every check, in the order of the table."""
    return [_result(check, subject) for check in CHECKS]


def not_captured(why: str) -> list[Result]:
    """Return every check as not assessed: nothing was captured that could be checked."""
    return [Result(check, why=why) for check in CHECKS]


def hits(found: Iterable[Result]) -> list[Result]:
    """Return the results that have hits."""
    return [one for one in found if one.hits]


def _result(check: Check, subject: Subject) -> Result:
    why = check.needs(subject)
    return Result(check, why=why) if why else Result(check, tuple(check.look(subject)))
