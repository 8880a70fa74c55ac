"""How what indicators name is written so that equal is equal, and what of ours an indicator hits."""

import pytest

from intelligence.reading import values
from intelligence.reading.indicators import Kind, NotSo, Term
from tests.tables import for_each

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@for_each(
    "text, is_written",
    [
        ("Evil.EXAMPLE.", "evil.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("ｅｖｉｌ.example", "evil.example"),
        ("_dmarc.example.com", "_dmarc.example.com"),
    ],
)
def test_a_domain_has_one_spelling(text: str, is_written: str):
    assert values.domain(text) == is_written


@for_each("text", ["com", "", "a..example", "-a.example", "a b.example", "192.0.2.1", "x" * 64 + ".example", "a.123"])
def test_what_is_no_domain_is_refused(text: str):
    with pytest.raises(NotSo):
        values.domain(text)


@for_each(
    "text, kind, is_written",
    [
        ("2001:DB8:0:0::1", Kind.ADDRESS, "2001:db8::1"),
        ("::ffff:192.0.2.1", Kind.ADDRESS, "192.0.2.1"),
        ("192.0.2.1/32", Kind.ADDRESS, "192.0.2.1"),
        ("223.166.0.0/15", Kind.NETWORK, "223.166.0.0/15"),
        ("192.0.2.77/24", Kind.NETWORK, "192.0.2.0/24"),
    ],
)
def test_an_address_and_a_network_have_one_spelling(text: str, kind: Kind, is_written: str):
    assert values.network(text) == Term(kind, is_written)


@for_each("text", ["0.0.0.0/0", "::/0", "1.2.3", "evil.example", "1.2.3.4/33"])
def test_what_is_no_network_is_refused(text: str):
    with pytest.raises(NotSo):
        values.network(text)


@for_each(
    "text, is_written",
    [
        ("HTTPS://Evil.Example:443", "https://evil.example/"),
        ("http://user:word@evil.example:8080/a/../b#part", "http://evil.example:8080/b"),
        ("https://evil.example/%7Ea/%2f?Q=1", "https://evil.example/~a/%2F?Q=1"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("https://evil.example/%ff", "https://evil.example/%FF"),
    ],
)
def test_an_address_on_the_web_has_one_spelling(text: str, is_written: str):
    assert values.url(text) == is_written


@for_each(
    "text, value, version",
    [
        ("pkg:npm/%40scope/name@1.2.3", "npm:@scope/name", "1.2.3"),
        ("pkg:npm/@scope/name", "npm:@scope/name", ""),
        ("pkg:pypi/Foo.Bar_baz@2.0?x=y#z", "pypi:foo-bar-baz", "2.0"),
        ("pkg:golang/github.com/x/y@v1.0.0", "golang:github.com/x/y", "v1.0.0"),
        ("pkg:maven/org.a/b@1", "maven:org.a:b", "1"),
        ("pkg:cargo/My_Crate@0.1.0", "cargo:my-crate", "0.1.0"),
        ("pkg:oci/x@sha256%3Aab?repository_url=ghcr.io/o/x", "oci:ghcr.io/o/x", "sha256:ab"),
        ("pkg:docker/alpine@3", "oci:docker.io/library/alpine", "3"),
    ],
)
def test_a_package_url_names_a_package_as_its_registry_compares_it(text: str, value: str, version: str):
    assert values.purl(text) == Term(Kind.PACKAGE, value, version)


@for_each(
    "text",
    [
        "pkg:oci/x@sha256:ab", "pkg:foo/bar", "npm/left-pad", "pkg:npm/", "pkg:npm/a b", "pkg:npm/a%00b",
        "pkg:npm/a@1%00",
    ],
)  # fmt: skip
def test_what_names_no_package_is_refused(text: str):
    with pytest.raises(NotSo):
        values.purl(text)


def test_npm_tells_capitals_apart():
    assert values.purl("pkg:npm/JSONStream") != values.purl("pkg:npm/jsonstream")


@for_each(
    "text, algorithm, is_written",
    [
        (DIGEST.upper(), "SHA-256", f"sha256:{DIGEST}"),
        (DIGEST, "", f"sha256:{DIGEST}"),
        ("001dd76872d80801692ff942308c64e6", "MD5", "md5:001dd76872d80801692ff942308c64e6"),
    ],
)
def test_a_digest_has_one_spelling(text: str, algorithm: str, is_written: str):
    assert values.digest(text, algorithm) == is_written


def test_a_digest_of_another_length_than_its_algorithm_is_refused():
    with pytest.raises(NotSo, match="no digest of MD5"):
        values.digest(DIGEST, "MD5")


@for_each(
    "text, is_written",
    [("npm:Alice", "npm:alice"), ("Eve@Evil.Example", "eve@evil.example"), ("github:Eve", "github:eve")],
)
def test_a_maintainer_has_one_spelling(text: str, is_written: str):
    assert values.maintainer(text) == is_written


def hits(indicator: Term, ours: Term) -> bool:
    return indicator in set(values.spellings(ours))


@for_each(
    "indicator, ours, is_hit",
    [
        ("evil.example", "evil.example", True),
        ("evil.example", "c2.evil.example", True),
        ("evil.example", "notevil.example", False),
        ("evil.example", "evil.example.org", False),
        ("c2.evil.example", "evil.example", False),
    ],
)
def test_a_domain_hits_itself_and_what_is_below_it(indicator: str, ours: str, is_hit: bool):
    assert hits(Term(Kind.DOMAIN, indicator), Term(Kind.DOMAIN, ours)) is is_hit


@for_each(
    "indicator, ours, is_hit",
    [
        ("192.0.2.0/24", "192.0.2.255", True),
        ("192.0.2.0/24", "192.0.3.0", False),
        ("2001:db8::/32", "2001:db8:ffff::1", True),
        ("2001:db8::/32", "2001:db9::1", False),
    ],
)
def test_a_network_hits_the_addresses_in_it(indicator: str, ours: str, is_hit: bool):
    assert hits(values.network(indicator), Term(Kind.ADDRESS, ours)) is is_hit


@for_each(
    "indicator, ours, is_hit",
    [
        ("https://evil.example/mcp", "https://evil.example/mcp", True),
        ("https://evil.example/mcp", "https://evil.example/mcp/v1?x=1", True),
        ("https://evil.example/mcp/", "https://evil.example/mcp/v1", True),
        ("https://evil.example", "https://evil.example/mcp", True),
        ("https://evil.example/mcp", "https://evil.example/mcp2", False),
        ("https://evil.example/mcp/v1", "https://evil.example/mcp", False),
        ("https://evil.example/mcp?x=1", "https://evil.example/mcp", False),
        ("http://evil.example/mcp", "https://evil.example/mcp", False),
        ("https://evil.example/mcp", "https://evil.example:8443/mcp", False),
        ("https://evil.example/mcp", "https://evil.example.org/mcp", False),
    ],
)
def test_an_address_hits_what_is_below_it_on_the_same_host(indicator: str, ours: str, is_hit: bool):
    assert hits(Term(Kind.URL, values.url(indicator)), Term(Kind.URL, values.url(ours))) is is_hit
