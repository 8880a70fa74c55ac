"""A server of Payments that bob approved at a release with captured tools, and a gateway's token."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from assessments.models import Assessment
from decisions.approvals import approvals
from decisions.models import Approval
from findings import acceptance
from findings.models import Finding
from scoring.scales import Severity
from tests import cast
from tests.api.caller import Caller
from tests.assessments import scenes
from tests.cast import NOON
from tests.kept import kept
from vendors.models import Release, Server
from vendors.registering import importing, registration

NAME = "com.example/weather"
REMOTE = "https://mcp.example.com/weather/mcp"
LAST_DAY = NOON.date() + timedelta(days=10)


@dataclass
class Approved:
    """The scene, with an approval that ends after ten days."""

    scene: scenes.Scene
    server: Server
    release: Release
    approval: Approval

    def gateway(self) -> Caller:
        """Return a gateway of Payments, which asks by a token of alice that only reads."""
        return Caller(self.scene.people.alice, ["read"])


def known(server: Server, scene: scenes.Scene) -> None:
    """Let the facts of exposure be known, as an approval needs it."""
    registration.set_exposure(server, facts=dict(cast.EXPOSURE), by=scene.people.alice, now=NOON)


def accept_plain_address(assessment: Assessment, scene: scenes.Scene) -> None:
    """Accept the risk of a plain address, of which the register knows otherwise than the best answer says."""
    critical = list(Finding.objects.filter(server=assessment.server, severity=Severity.CRITICAL))
    ben = cast.person("ben", role="approver", unit=scene.people.payments) if critical else None
    for finding in critical:
        asked = acceptance.request(
            finding, reason="A trial.", compensating_control="It stays inside.", expires_on=LAST_DAY,
            by=scene.people.alice, now=NOON,
        )  # fmt: skip
        assert ben is not None
        acceptance.grant(asked, by=ben, now=NOON)


def approve(server: Server, scene: scenes.Scene) -> Approval:
    """Return bob's approval of the server's final assessment."""
    final = Assessment.objects.get(server=server, status=Assessment.Status.FINAL)
    return approvals.decide(
        final, decision="approve", reason="It does what we need.", valid_until=LAST_DAY, by=scene.people.bob, now=NOON
    )


@kept
def set_up(**document: Any) -> Approved:
    """Return an approved server with a package, a remote, and the tools look_up and warn."""
    scene = scenes.set_up()
    remotes = [{"type": "streamable-http", "url": REMOTE}]
    text = cast.server_json(**{"remotes": remotes} | document)
    alice = scene.people.alice
    server, release = importing.import_server_json(text, unit=scene.people.payments, by=alice, now=NOON)
    release = importing.import_tools(
        release, cast.tools("look_up", "warn"), captured_at=NOON, command="npx @example/weather", by=alice, now=NOON
    )
    known(server, scene)
    accept_plain_address(scene.final(scene.ready(server)), scene)
    approval = approve(server, scene)
    return Approved(scene, Server.objects.get(pk=server.pk), release, approval)
