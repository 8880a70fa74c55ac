"""Which STIX patterns come down to values that can be met, and that none of the others is taken for one."""

import pytest

from intelligence.reading import patterns
from intelligence.reading.indicators import Kind, Term
from intelligence.reading.patterns import NotAPattern, Pattern
from tests.tables import for_each

A, B = Term(Kind.DOMAIN, "a.example"), Term(Kind.DOMAIN, "b.example")
IP, NET = Term(Kind.ADDRESS, "192.0.2.1"), Term(Kind.NETWORK, "192.0.2.0/24")
SAYS_A = "domain-name:value = 'a.example'"
TWENTY = "(" + " OR ".join(f"domain-name:value = '{at}.example.com'" for at in range(20)) + ")"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def ways(*terms: Term) -> tuple[frozenset[Term], ...]:
    return tuple(frozenset({term}) for term in terms)


@for_each(
    "pattern, found",
    [
        ("[domain-name:value = 'A.example']", ways(A)),
        ("[ domain-name:value='a.example' OR ipv4-addr:value == '192.0.2.1' ]", ways(A, IP)),
        ("[domain-name:value IN ('a.example','b.example')]", ways(A, B)),
        ("[ipv4-addr:value = '192.0.2.0/24']", ways(NET)),
        ("[domain-name:value = 'a.example'] OR [domain-name:value = 'b.example']", ways(A, B)),
        ("([domain-name:value = 'a.example'])", ways(A)),
        ("[domain-name:value = 'a.example' AND ipv4-addr:value = '192.0.2.1']", (frozenset({A, IP}),)),
        (
            "[(domain-name:value = 'a.example' OR domain-name:value = 'b.example') AND ipv4-addr:value = '192.0.2.1']",
            (frozenset({A, IP}), frozenset({B, IP})),
        ),
        (
            "[domain-name:value = 'a.example' OR domain-name:value = 'b.example' AND ipv4-addr:value = '192.0.2.1']",
            (frozenset({A}), frozenset({B, IP})),
        ),
        ("[url:value = 'https://a.example/it\\'s']", ways(Term(Kind.URL, "https://a.example/it's"))),
        (f"[file:hashes.'SHA-256' = '{SHA}']", ways(Term(Kind.HASH, f"sha256:{SHA}"))),
        (f"[file:hashes.SHA256 = '{SHA}']", ways(Term(Kind.HASH, f"sha256:{SHA}"))),
        ("[software:x_purl = 'pkg:npm/left-pad@1.0.0']", ways(Term(Kind.PACKAGE, "npm:left-pad", "1.0.0"))),
        ("[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.1']", ways(IP)),
    ],
)
def test_reads_what_can_be_matched(pattern: str, found: tuple[frozenset[Term], ...]):
    assert patterns.read(pattern) == Pattern(found)


@for_each(
    "pattern, found, left_out",
    [
        ("[file:name = 'a.exe']", (), ("file:name",)),
        ("[domain-name:value = 'a.example' OR file:name = 'a.exe']", ways(A), ("file:name",)),
        ("[domain-name:value = 'a.example' AND file:name = 'a.exe']", (), ("file:name",)),
        ("[domain-name:value != 'a.example']", (), ("domain-name:value !=",)),
        ("[domain-name:value NOT = 'a.example']", (), ("domain-name:value NOT =",)),
        ("[domain-name:value LIKE '%.example']", (), ("domain-name:value LIKE",)),
        ("[ipv4-addr:value ISSUBSET '192.0.2.0/24']", (), ("ipv4-addr:value ISSUBSET",)),
        ("[EXISTS file:name]", (), ("EXISTS file:name",)),
        (f"[{SAYS_A}] AND [ipv4-addr:value = '192.0.2.1']", (), ("several observations joined by AND",)),
        (
            f"[{SAYS_A}] OR [domain-name:value = 'b.example'] AND [ipv4-addr:value = '192.0.2.1']",
            ways(A),
            ("several observations joined by AND",),
        ),
        (
            "[domain-name:value = 'a.example'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.1']",
            (),
            ("observations joined by FOLLOWEDBY",),
        ),
        ("[domain-name:value = 'a.example'] WITHIN 300 SECONDS", (), ("the qualifier WITHIN",)),
        ("[domain-name:value = 'a.example'] REPEATS 5 TIMES", (), ("the qualifier REPEATS",)),
        ("[network-traffic:dst_ref.type = 'domain-name']", (), ()),
        ("[file:size = 25536 OR domain-name:value = 'a.example']", ways(A), ("file:size",)),
        (
            "[x509-certificate:issuer = 'CN=A' AND domain-name:value = 'a.example']", (), ("x509-certificate:issuer",),
        ),
    ],
)  # fmt: skip
def test_says_what_it_leaves_out_and_never_matches_more(
    pattern: str, found: tuple[frozenset[Term], ...], left_out: tuple[str, ...]
):
    assert patterns.read(pattern) == Pattern(found, left_out)


@for_each(
    "pattern",
    [
        "",
        "domain-name:value = 'a.example'",
        "[domain-name:value = 'a.example'",
        "[domain-name:value = 'a.example]",
        "[domain-name:value = ]",
        "[domain-name:value 'a.example']",
        "[domain-name:value = 'a.example'] trailing",
        "[domain-name:value = 'a.example' OR]",
        "[domain-name:value ~ 'a.example']",
        "(" * 10_000,
        "[" + "(" * 200 + "domain-name:value = 'a.example'" + ")" * 200 + "]",
        f"[{TWENTY} AND {TWENTY} AND {TWENTY}]",
        f"[{SAYS_A}] REPEATS TIMES",
        f"[{SAYS_A}] WITHIN 5",
        "x" * 200_000,
    ],
    ids=lambda row: row[:60],
)  # fmt: skip
def test_refuses_what_is_no_pattern_or_too_much(pattern: str):
    with pytest.raises(NotAPattern):
        patterns.read(pattern)


def test_a_value_that_is_none_is_left_out_with_the_reason():
    found = patterns.read("[domain-name:value = 'domain a.example' OR domain-name:value = 'b.example']")

    assert found == Pattern(ways(B), ("'domain a.example' is no domain. Write it as in example.com.",))
