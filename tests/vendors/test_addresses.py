"""Where an address leads, and what can be pinned."""

from tests.tables import for_each
from vendors.naming import addresses, pinning


@for_each(
    ("url", "marks"),
    [
        ("https://mcp.example.com/mcp", ()),
        ("https://{tenant}.example.com/mcp", ()),
        ("http://mcp.example.com/mcp", ("Not encrypted",)),
        ("http://localhost:3000/mcp", ("Not encrypted", "Private address")),
        ("http://169.254.169.254/", ("Not encrypted", "Private address")),
        ("https://10.0.0.7/", ("Private address",)),
        ("https://127.1/", ("Private address",)),
        ("https://2130706433/", ("Private address",)),
        ("https://0x7f000001/", ("Private address",)),
        ("https://[::1]/", ("Private address",)),
        ("https://[::ffff:10.0.0.1]/", ("Private address",)),
        ("https://[fd00::1]/", ("Private address",)),
        ("https://mcp.corp/", ("Private address",)),
        ("https://mcp/", ("Private address",)),
        ("https://metadata.google.internal/", ("Private address",)),
        ("https://8.8.8.8/", ()),
        ("https://[2606:4700:4700::1111]/", ()),
        ("https://{host}/mcp", ("Host not fixed",)),
        ("https://[", ("Not encrypted",)),
    ],
)
def test_an_address_says_whether_it_is_open_and_encrypted(url: str, marks: tuple[str, ...]):
    assert addresses.read(url).marks == marks


@for_each(
    ("kind", "base_url", "is_other"),
    [
        ("npm", "", False),
        ("npm", "https://registry.npmjs.org", False),
        ("npm", "https://npm.attacker.example", True),
        ("npm", "https://registry.npmjs.org.attacker.example", True),
        ("pypi", "https://pypi.org", False),
        ("nuget", "https://api.nuget.org/v3/index.json", False),
        ("unheard-of", "https://packages.example", True),
    ],
)
def test_another_registry_than_the_public_one_is_told(kind: str, base_url: str, is_other: bool):
    assert addresses.is_other_registry(kind, base_url) is is_other


DIGEST = "@sha256:" + "a" * 64


@for_each(
    ("kind", "identifier", "version", "sha256", "is_pinned"),
    [
        ("npm", "@a/b", "1.2.3", "", True),
        ("npm", "@a/b", "", "", False),
        ("npm", "@a/b", "next", "", False),
        ("oci", "docker.io/a/b:1.2.3", "", "", True),
        ("oci", "docker.io/a/b:latest", "", "", False),
        ("oci", "docker.io/a/b:slim", "", "", False),
        ("oci", "docker.io/a/b", "", "", False),
        ("oci", "localhost:5000/a/b", "", "", False),
        ("oci", "localhost:5000/a/b", "1.0", "", True),
        ("oci", f"docker.io/a/b{DIGEST}", "", "", True),
        ("oci", f"docker.io/a/b:latest{DIGEST}", "", "", True),
        ("mcpb", "https://a.example/x.mcpb", "", "b" * 64, True),
    ],
)
def test_only_what_is_the_same_tomorrow_can_be_pinned(
    kind: str, identifier: str, version: str, sha256: str, is_pinned: bool
):
    why = pinning.why_not(registry_type=kind, identifier=identifier, version=version, sha256=sha256)

    assert (why == "") is is_pinned
