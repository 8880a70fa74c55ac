"""The law as data: whom a rule is about, where it stands on a day, and what moved."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from catalogue.files import CatalogueError, read
from contracts import law
from contracts.agreements import legal_profiles
from contracts.coverage import looking
from contracts.law import Force, Reach
from contracts.models.legal_profile import FACTS, LegalProfile
from tests import cast
from tests.tables import for_each

CODE = law.load()
NOV_2026 = date(2026, 11, 29)
# A published version never changes: whoever judged by it must be able to read it again.
DIGESTS = {
    1: "3ce3d04d4d7745cc5a2c210d3ebd424bf71eb7b88ea2899014cb53b6d9c8df4d",
    2: "a410cb82f57ada0b08b6199347dd53aa50cb2e4026c1471bc7e7eec5c828faf2",
}


def reach(rule: str, **facts: str) -> Reach:
    return law.applies(CODE.rules[rule], facts, words={}).reach


@for_each("version", law.versions())
def test_a_published_version_is_what_it_was(version):
    text = (law.FOLDER / f"law-{version}.yaml").read_bytes()
    assert hashlib.sha256(text).hexdigest() == DIGESTS[version]


def test_the_latest_version_is_the_last_file():
    assert not (law.FOLDER / f"law-{law.LATEST + 1}.yaml").exists()
    with pytest.raises(law.UnknownLaw, match="no version 99"):
        law.load(99)


@for_each("version", law.versions())
def test_every_fact_and_value_that_a_rule_asks_for_can_be_said_of_a_unit_or_a_vendor(version):
    code = law.load(version)
    assert law.facts_named(code) <= {*FACTS, "critical_function", "vendor_personal_data"}
    for rule in code.rules.values():
        for condition in rule.conditions:
            if condition.fact in FACTS:
                known = {word for word, _ in LegalProfile._meta.get_field(condition.fact).flatchoices}  # type: ignore[union-attr]
                assert set(condition.values) <= known, (rule.key, condition.fact)


def test_every_rule_says_where_it_stands():
    for rule in CODE.rules.values():
        assert (rule.valid_from is None) == (rule.status == "proposed"), rule.key
        assert rule.valid_to is None or rule.valid_from is None or rule.valid_from <= rule.valid_to


@for_each(
    "rule, facts, expected",
    [
        ("dora-30-2", {"financial": "credit_institution"}, Reach.YES),
        ("dora-30-2", {"financial": "none"}, Reach.NO),
        ("dora-30-2", {"financial": "unknown"}, Reach.UNKNOWN),
        ("dora-30-2", {}, Reach.UNKNOWN),
        ("dora-30-3", {"financial": "insurer", "critical_function": "yes"}, Reach.YES),
        ("dora-30-3", {"financial": "insurer", "critical_function": "none"}, Reach.NO),
        ("dora-30-3", {"financial": "insurer", "critical_function": "unknown"}, Reach.UNKNOWN),
        # What is known not to hold decides, whatever else is not known.
        ("dora-30-3", {"financial": "none", "critical_function": "unknown"}, Reach.NO),
        ("ir-5-1-4", {"nis2": "essential", "nis2_digital": "yes"}, Reach.YES),
        ("ir-5-1-4", {"nis2": "essential", "nis2_digital": "none"}, Reach.NO),
        ("gdpr-28", {"personal_data": "controller", "vendor_personal_data": "yes"}, Reach.YES),
        ("gdpr-28", {"personal_data": "controller", "vendor_personal_data": "none"}, Reach.NO),
        ("sec-8k-105", {"us_listed": "yes"}, Reach.YES),
        # Every MCP server is an ICT service: what is not ICT is never asked of its contracts.
        ("eba-gl-75", {"financial": "credit_institution"}, Reach.NO),
    ],
    ids=lambda row: f"{row[0]} {row[1]}",
)
def test_whom_a_rule_is_about(rule, facts, expected):
    assert reach(rule, **facts) is expected


@for_each(
    "rule, facts, expected",
    [
        ("dora-30-2", {"financial": "credit_institution"}, "financial entity: credit institution."),
        ("dora-30-2", {"financial": "none"}, "financial entity: none."),
        (
            "gdpr-28",
            {"personal_data": "both"},
            "Not known: the vendor processes personal data for us.",
        ),
    ],
)
def test_why_is_said_with_the_fact(rule, facts, expected):
    assert law.applies(CODE.rules[rule], facts, words=looking.WORDS).why == expected


@for_each(
    "rule, today, expected",
    [
        ("cra-14", date(2026, 9, 10), Force.TO_COME),
        ("cra-14", date(2026, 9, 11), Force.IN_FORCE),
        ("cra-13", NOV_2026, Force.TO_COME),
        ("ai-act-73", NOV_2026, Force.TO_COME),
        ("gdpr-33-omnibus", NOV_2026, Force.PROPOSED),
        ("gdpr-33", NOV_2026, Force.IN_FORCE),
    ],
)
def test_where_a_rule_stands_on_a_day(rule, today, expected):
    assert CODE.rules[rule].force(today) is expected


def test_a_rule_that_ended_is_no_longer_in_force():
    document = {
        "version": 9, "title": "x", "checked_on": NOV_2026,
        "laws": [{"key": "a", "title": "A", "citation": "A 1", "address": "https://a.example"}],
        "rules": [{
            "key": "r", "law": "a", "article": "1", "title": "R", "demands": "d", "status": "in force",
            "valid_from": date(2020, 1, 1), "valid_to": date(2025, 12, 31),
            "applies_if": [{"fact": "eu", "is": ["yes"]}],
        }],
    }  # fmt: skip
    rule = law.parse(document).rules["r"]
    assert (rule.force(date(2025, 12, 31)), rule.force(date(2026, 1, 1))) == (Force.IN_FORCE, Force.ENDED)


def test_whom_a_rule_is_about_and_where_it_is_cited_can_move_too():
    was = CODE.rules["dora-30-2"]
    wider = replace(was, article="30(2)", conditions=(*was.conditions, law.Condition("eu", ("yes", "unknown"), False)))
    old, new = (replace(CODE, rules={"dora-30-2": rule}) for rule in (was, wider))
    assert [(one.what, one.was, one.now) for one in law.moved(old, new)] == [
        (
            "applies",
            "Where financial is not none",
            "Where financial is not none and eu is yes or unknown",
        ),
        ("cited", was.cited, wider.cited),
    ]


def test_a_law_whose_day_moved_keeps_its_history():
    moved = {(one.rule.key, one.what, one.was, one.now) for one in law.moved(law.load(1), law.load(2))}
    was, now = "In force, from 2 Aug 2026", "Agreed, from 2 Dec 2027"
    assert moved == {
        ("ai-act-26", "stands", was, now), ("ai-act-73", "stands", was, now),
        ("ai-act-annex-i", "stands", "In force, from 2 Aug 2027", "Agreed, from 2 Aug 2028"),
    }  # fmt: skip
    codes = [law.load(version) for version in law.versions()]
    assert [(code.version, words) for code, words in law.history("ai-act-73", codes)] == [(1, was), (2, now)]
    assert [code.version for code, _ in law.history("gdpr-33", codes)] == [1]


def test_a_file_of_another_shape_is_refused_with_its_place(tmp_path):
    text = (law.FOLDER / "law-2.yaml").read_text().replace("status: proposed", "status: rumoured", 1)
    (tmp_path / "law-3.yaml").write_text(text)
    with pytest.raises(CatalogueError, match=r"law-3.yaml: rules\[13\]\.status: 'rumoured'"):
        read(tmp_path / "law-3.yaml", "law_file", schema=law.SCHEMA)


@pytest.mark.django_db
def test_the_database_knows_of_the_same_rules_that_they_may_apply():
    people = cast.assemble()
    profile = legal_profiles.write(unit=people.payments, by=people.alice, now=cast.NOON)
    values = {name: [word for word, _ in LegalProfile._meta.get_field(name).flatchoices] for name in FACTS}  # type: ignore[union-attr]
    unknown = dict.fromkeys(FACTS, law.UNKNOWN)
    one_by_one = [unknown | {name: value} for name, words in values.items() for value in words]
    together = [{name: words[place % len(words)] for name, words in values.items()} for place in range(20)]
    for facts in (*one_by_one, *together):
        LegalProfile.objects.filter(pk=profile.pk).update(**facts)
        for rule in CODE.rules.values():
            may = law.applies(rule, facts, words={}).reach is not Reach.NO
            assert LegalProfile.objects.filter(LegalProfile.may_apply(rule)).exists() is may, (rule.key, facts)
