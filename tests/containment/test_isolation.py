"""The files that build the walls around a server: what they let through, and that no text breaks out of them."""

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml
from django.test import TestCase
from django.urls import reverse

from containment import isolating
from containment.isolation import agentgateway, cilium, compose, facts, kubernetes, squid, toolhive
from containment.isolation.facts import Host, ProfileInvalid
from containment.isolation.isolated import Isolated
from containment.models import ArtefactFetch, IsolationProfile
from landscape import technical_profiles
from tests import cast
from tests.api.caller import Caller, frozen
from tests.cast import NOON, TODAY
from tests.containment import approved
from tests.containment.isolation import DIGEST, ISOLATION
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors import lifecycle
from vendors.models import Server
from vendors.registering import deployments

IMAGE = f"ghcr.io/example/weather@{DIGEST}"
HOSTILE = 'x"\n---\nkind: Pod # {{ }} $HOME ${HOME} %s \u2028 \u202e "}] !!python/object'
WEATHER = Isolated(
    server="S-12", title="Weather", approval="AP-3", release="1.2.3", digest="ab" * 32, valid_until="2027-01-01",
    image=IMAGE, address="", port=8080, path="/mcp", user=65532, memory_mb=256, cpu_millis=500, processes=128,
    hosts=(Host("api.example.com", 443), Host("files.example.com", 8443)), read_only=("/data/read",),
    tools=("look_up", "warn"),
)  # fmt: skip
MAKERS = (kubernetes, cilium, toolhive, compose, squid, agentgateway)


def documents(text: str) -> list[Any]:
    return list(yaml.safe_load_all(text))


# What is said


@for_each(
    "name, values, field",
    [
        ("a host with a line end", {"egress_hosts": ["api.example.com\nhttp_access allow all"]}, "egress_hosts"),
        ("a host with a blank", {"egress_hosts": ["a.example.com b.example.com"]}, "egress_hosts"),
        ("an address of a machine", {"egress_hosts": ["169.254.169.254"]}, "egress_hosts"),
        ("a star", {"egress_hosts": ["*.example.com"]}, "egress_hosts"),
        ("a name without a dot", {"egress_hosts": ["localhost"]}, "egress_hosts"),
        ("letters that look like others", {"egress_hosts": ["\u0430pi.example.com"]}, "egress_hosts"),
        ("a port that is none", {"egress_hosts": ["api.example.com:70000"]}, "egress_hosts"),
        ("a port of other digits", {"egress_hosts": ["api.example.com:\u0664\u0664\u0663"]}, "egress_hosts"),
        ("a path that climbs", {"read_only_paths": ["/data/../etc"]}, "read_only_paths"),
        ("a path with a colon", {"read_only_paths": ["/data:/host"]}, "read_only_paths"),
        ("an image without a digest", {"image": "ghcr.io/example/weather:latest"}, "image"),
        ("an image with an option", {"image": f"--privileged {IMAGE}"}, "image"),
        ("a tool with a quote", {"tools": ['x" || true || "']}, "tools"),
        ("a path of the server with a pattern", {"path": "/.*"}, "path"),
        ("root", {"run_as_user": 0}, "run_as_user"),
        ("no memory", {"memory_mb": 0}, "memory_mb"),
        ("no port", {"port": 0}, "port"),
        ("too many hosts", {"egress_hosts": [f"h{n}.example.com" for n in range(101)]}, "egress_hosts"),
    ],
    ids=lambda row: row[0],
)
def test_what_cannot_be_written_is_refused_with_its_field(name: str, values: dict[str, Any], field: str):
    with pytest.raises(ProfileInvalid) as refused:
        facts.cleaned({**ISOLATION, **values})

    assert refused.value.field == field


def test_what_is_said_has_one_form():
    hosts = ["B.example.com.", "a.example.com:8443", "b.example.com:443", ""]

    assert facts.cleaned({**ISOLATION, "egress_hosts": hosts, "path": ""}) | {"tools": []} == {
        **ISOLATION, "egress_hosts": ["a.example.com:8443", "b.example.com:443"], "path": "/mcp",
    }  # fmt: skip


# The files


def test_kubernetes_lets_in_the_gateway_and_out_to_the_proxy_alone():
    policy, deployment, service = documents(kubernetes.make(WEATHER))

    assert [one["kind"] for one in (policy, deployment, service)] == ["NetworkPolicy", "Deployment", "Service"]
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    [way_in] = policy["spec"]["ingress"]
    assert way_in["from"][0]["podSelector"] == {"matchLabels": {"app": "mcp-gateway"}}
    assert way_in["ports"] == [{"protocol": "TCP", "port": 8080}]
    assert [[port["port"] for port in one["ports"]] for one in policy["spec"]["egress"]] == [[53, 53], [3128]]
    pod = deployment["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert (container["image"], pod["securityContext"]["runAsUser"]) == (IMAGE, 65532)
    assert (pod["securityContext"]["runAsNonRoot"], pod["automountServiceAccountToken"]) == (True, False)
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert container["resources"]["limits"] == {"memory": "256Mi", "cpu": "500m", "ephemeral-storage": "128Mi"}
    assert [(one["mountPath"], one.get("readOnly", False)) for one in container["volumeMounts"]] == [
        ("/tmp", False), ("/data/read", True),
    ]  # fmt: skip
    assert service["spec"]["selector"] == deployment["spec"]["selector"]["matchLabels"] == {"app": "mcp-s-12"}


def test_without_hosts_nothing_goes_out():
    alone = replace(WEATHER, hosts=())

    assert documents(kubernetes.make(alone))[0]["spec"]["egress"] == []
    assert documents(cilium.make(alone))[0]["spec"]["egress"] == [{}]
    assert "allow" not in squid.make(alone).partition("http_port")[2]
    made = documents(compose.make(alone))[0]
    assert (list(made["services"]), made["networks"]) == (["mcp-s-12"], {"inside": {"internal": True}})
    assert json.loads(toolhive.make(alone))["network"]["outbound"]["allow_host"] == []


def test_cilium_lets_the_approved_tools_be_called_and_names_the_hosts():
    [policy] = documents(cilium.make(WEATHER))
    [way_in] = policy["spec"]["ingress"]
    headers = [rule["headers"] for rule in way_in["toPorts"][0]["rules"]["http"]]

    assert [one for one in headers if len(one) > 1] == [
        ["Mcp-Method: tools/call", "Mcp-Name: look_up"], ["Mcp-Method: tools/call", "Mcp-Name: warn"],
    ]  # fmt: skip
    assert ["Mcp-Method: tools/call"] not in headers
    assert ["Mcp-Method: tools/list"] in headers
    dns, *hosts = policy["spec"]["egress"]
    assert dns["toPorts"][0]["rules"]["dns"] == [{"matchName": "api.example.com"}, {"matchName": "files.example.com"}]
    assert [(one["toFQDNs"], one["toPorts"][0]["ports"][0]["port"]) for one in hosts] == [
        ([{"matchName": "api.example.com"}], "443"), ([{"matchName": "files.example.com"}], "8443"),
    ]  # fmt: skip


def test_the_proxy_lets_each_host_be_reached_at_its_own_port():
    lines = [line for line in squid.make(WEATHER).splitlines() if not line.startswith("#")]

    assert lines == [
        "http_port 3128",
        "acl CONNECT method CONNECT",
        "acl port_443 port 443",
        "acl hosts_443 dstdomain api.example.com",
        "http_access allow CONNECT port_443 hosts_443",
        "acl port_8443 port 8443",
        "acl hosts_8443 dstdomain files.example.com",
        "http_access allow CONNECT port_8443 hosts_8443",
        "http_access deny all",
    ]


def test_compose_gives_the_server_no_way_out_but_the_proxy():
    [made] = documents(compose.make(WEATHER))
    server, proxy = made["services"]["mcp-s-12"], made["services"]["egress"]

    assert (server["networks"], proxy["networks"]) == (["inside"], ["inside", "outside"])
    assert (server["read_only"], server["cap_drop"], server["user"]) == (True, ["ALL"], "65532:65532")
    assert (server["pids_limit"], server["mem_limit"], server["cpus"]) == (128, "256m", 0.5)
    assert server["volumes"] == [{"type": "volume", "source": "read-1", "target": "/data/read", "read_only": True}]
    assert made["configs"]["squid"]["content"] == squid.make(WEATHER)
    assert set(made["volumes"]) == {"read-1"}


def test_toolhive_and_agentgateway_name_hosts_and_tools():
    profile = json.loads(toolhive.make(WEATHER))
    [gateway] = documents(agentgateway.make(WEATHER))

    assert profile["network"]["outbound"] == {
        "insecure_allow_all": False, "allow_host": ["api.example.com", "files.example.com"], "allow_port": [443, 8443],
    }  # fmt: skip
    assert (profile["read"], profile["write"], profile["privileged"]) == (["/data/read"], [], False)
    assert gateway["mcp"]["policies"]["mcpAuthorization"]["rules"] == [
        'mcp.tool.name == "look_up"', 'mcp.tool.name == "warn"',
    ]  # fmt: skip
    assert gateway["mcp"]["targets"][0]["mcp"]["host"] == "http://mcp-s-12.mcp-s-12:8080/mcp"
    nothing = documents(agentgateway.make(replace(WEATHER, tools=(), address="https://mcp.example.com/mcp")))[0]["mcp"]
    assert nothing["policies"]["mcpAuthorization"]["rules"] == ["false"]
    assert nothing["targets"][0]["mcp"]["host"] == "https://mcp.example.com/mcp"


@for_each("name, maker", [(maker.__name__.rpartition(".")[2], maker) for maker in MAKERS], ids=lambda row: row[0])
def test_each_file_says_what_it_was_made_of_and_no_text_breaks_out(name: str, maker: Any):
    plain, hostile = maker.make(WEATHER), maker.make(replace(WEATHER, title=HOSTILE, release=HOSTILE))

    for words in ("AP-3", "1.2.3", "ab" * 32):
        assert words in plain
    if name == "squid":
        shapes = [[line for line in text.splitlines() if not line.startswith("#")] for text in (plain, hostile)]
    else:
        shapes = [_keys(documents(text)) for text in (plain, hostile)]
    assert shapes[0] == shapes[1]
    assert all(ord(character) < 128 or character.isprintable() for character in hostile.replace("\n", ""))


def _keys(value: Any) -> Any:
    """Return the shape of a document: its keys, without the texts."""
    if isinstance(value, dict):
        return {key: _keys(one) for key, one in value.items()}
    return [_keys(one) for one in value] if isinstance(value, list) else type(value).__name__


# The profile of a server


class OfAServer(TestCase):
    """The approved server of Payments, whose isolation alice described."""

    set: approved.Approved
    profile: IsolationProfile

    @classmethod
    def setUpTestData(cls) -> None:
        cls.set = approved.set_up()
        alice = cls.set.scene.people.alice
        cls.profile = isolating.describe(cls.set.server, values=ISOLATION, by=alice, now=NOON)

    def fetched(self, name: str) -> str:
        profile = IsolationProfile.objects.get(pk=self.profile.pk)
        alice = self.set.scene.people.alice
        return isolating.hand_out(profile, isolating.BY_NAME[name], to=alice, now=NOON)

    def suspend(self) -> None:
        lifecycle.suspend(
            Server.objects.get(pk=self.set.server.pk), reason="So.", by=self.set.scene.people.bob, now=NOON
        )

    def test_the_tools_are_those_that_are_approved_as_far_as_the_profile_lets_them(self) -> None:
        assert [*isolating.isolated(self.profile, self.set.approval).tools] == ["look_up", "warn"]
        alice = self.set.scene.people.alice
        isolating.redescribe(self.profile, values={"tools": ["warn", "gone"]}, by=alice, now=NOON)
        assert [*isolating.isolated(self.profile, self.set.approval).tools] == ["warn"]
        assert isolating.notes(self.profile, now=NOON) == ["gone is not among the approved tools any more."]

    def test_hosts_of_technical_profiles_that_no_rule_lets_through_are_named(self) -> None:
        alice = self.set.scene.people.alice
        desk = deployments.add_deployment(
            self.set.server, name="Desk", environment="staging", agent="Desk", by=alice, now=NOON, **cast.EXPOSURE
        )
        hosts = ["api.example.com", "*.example.net", "Other.example.org:8443"]
        technical_profiles.write(desk, egress_hosts=hosts, by=alice, now=NOON)
        assert isolating.planned_hosts(self.set.server) == ["api.example.com:443", "other.example.org:8443"]
        changes = {"egress_hosts": ["api.example.com:443"]}
        isolating.redescribe(self.profile, values=changes, by=alice, now=NOON)
        words = (
            f"{desk} connects to *.example.net, other.example.org:8443 by its technical profile, and no rule lets it."
        )
        assert isolating.notes(self.profile, now=NOON) == [words]
        IsolationProfile.objects.all().delete()
        page = as_(alice).get(reverse("web:server-isolate", args=[self.set.server.pk])).content.decode()
        assert "other.example.org:8443" in page
        deployments.end_deployment(desk, on=TODAY, by=alice, now=NOON)
        assert isolating.planned_hosts(self.set.server) == []

    def test_a_server_that_is_not_approved_yields_none_with_the_reason(self) -> None:
        self.suspend()
        with pytest.raises(isolating.NoArtefact, match=r"^The server is suspended\.$"):
            self.fetched("kubernetes")
        assert ArtefactFetch.objects.count() == 0
        shown = isolating.prepare(IsolationProfile.objects.get(pk=self.profile.pk), now=NOON)
        assert {(one.text, one.why_not) for one in shown} == {("", "The server is suspended.")}

    def test_what_the_vendor_runs_has_a_gateway_and_no_walls(self) -> None:
        alice = self.set.scene.people.alice
        isolating.redescribe(self.profile, values={"image": ""}, by=alice, now=NOON)
        made = {one.artefact.name: one for one in isolating.prepare(self.profile, now=NOON)}
        assert approved.REMOTE in made["agentgateway"].text
        assert [name for name, one in made.items() if one.why_not] == [
            "kubernetes", "cilium", "toolhive", "compose", "squid",
        ]  # fmt: skip

    def test_the_page_shows_what_changed_since_it_was_fetched_and_by_whom(self) -> None:
        alice = self.set.scene.people.alice
        with frozen():
            client = as_(alice)
            assert client.get(f"/isolation/{self.set.server.ref}/squid").status_code == 200
            same = client.get(f"/servers/{self.set.server.pk}/isolation/").content.decode()
            hosts = {"egress_hosts": ["api.example.com"]}
            isolating.redescribe(self.profile, values=hosts, by=alice, now=NOON)
            changed = client.get(f"/servers/{self.set.server.pk}/isolation/").content.decode()
        assert ("Fetched last by Alice" in same, "it is the same now" in same) == (True, True)
        assert "-acl hosts_8443 dstdomain files.example.com" in changed

    def test_a_program_fetches_it_by_number_and_nobody_of_another_unit_does(self) -> None:
        path = f"/isolation/{self.set.server.ref}/compose"
        gateway = self.set.gateway()
        with frozen():
            answer = gateway.client.get(path)
            stranger = Caller(self.set.scene.people.eve, ["read"]).client.get(path)
            assert gateway.client.get(f"/isolation/{self.set.server.ref}/lxc").status_code == 404
        assert (answer.status_code, stranger.status_code) == (200, 404)
        assert documents(answer.content.decode())[0]["name"] == f"mcp-{self.set.server.ref.lower()}"
        assert ArtefactFetch.objects.get().artefact == "compose"
        self.suspend()
        with frozen():
            refused = gateway.client.get(path)
        assert (refused.status_code, refused.json()["detail"]) == (409, "The server is suspended.")

    def test_the_api_shows_the_files_without_fetching_them(self) -> None:
        with frozen():
            rows = Caller(self.set.scene.people.carol).get(f"/isolation-profiles/{self.profile.pk}/artefacts/").json()
        assert [row["name"] for row in rows] == list(isolating.BY_NAME)
        assert {row["fetched_at"] for row in rows} == {None}
        assert ArtefactFetch.objects.count() == 0
