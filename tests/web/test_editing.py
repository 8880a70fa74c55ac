"""Two people at one form: nothing that one saved is written over unseen, and nothing that the other typed is lost."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import people
from accounts.models import Role
from accounts.sign_in import passwords
from accounts.steps import every_step
from audit.context import SYSTEM
from tests.api.caller import frozen
from tests.cast import a_vendor, assemble
from tests.journeys import built, estate
from tests.web.forms import Sent, shown
from tests.web.signed_in import as_
from vendors.models import Vendor
from web.alerts.channels import ChangeForm
from web.contracts.law import ProfileForm
from web.forms.account import NameForm
from web.forms.alert_rules import RuleForm
from web.forms.assessments.assessments import AssignForm
from web.forms.assessments.reviews import AssigneeForm
from web.forms.controls.control_statuses import StatusForm
from web.forms.controls.frameworks import ControlForm
from web.forms.controls.tiers import TierPlanEditForm
from web.forms.editing import EditForm
from web.forms.findings import DueForm, OwnerForm, PlanForm, SeverityForm
from web.forms.observations.feeds import FeedForm, NewFeedForm
from web.forms.people import PersonForm, UnitNameForm
from web.forms.servers.deployments import DeploymentForm
from web.forms.servers.intake import RegisterAskedForm
from web.forms.servers.landscape import ProcessForm, ServiceForm, UseCaseForm
from web.forms.servers.servers import EditServerForm, ExposureForm, RegisterServerForm
from web.forms.servers.technical_profile import TechnicalProfileForm
from web.forms.vendors.certificates import CorrectForm, JudgeForm
from web.forms.vendors.contracts import ContractForm
from web.forms.vendors.due_diligence import ItemForm
from web.forms.vendors.vendors import VendorForm
from web.landscape.exit_plans import PlanForm as ExitPlanForm
from web.landscape.substitutability import SubstitutabilityForm
from web.policies.isolation import IsolationForm

WHY = {"reason": "So it is."}
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Case:
    """A page with the form, the object that it is about, and what two people say in it; `to` is where it is sent.

    Of a part of an object both are named.
    """

    route: str
    object: str | tuple[str, ...]
    theirs: dict[str, Any]
    mine: dict[str, Any]
    to: str = ""


CASES: dict[type[EditForm], Case] = {
    VendorForm: Case("vendor-edit", "vendor", {"legal_entity": "Theirs plc"}, {"legal_entity": "Mine plc"}),
    EditServerForm: Case("server-edit", "server", {"purpose": "Theirs"}, {"purpose": "Mine"}),
    ExposureForm: Case("server-exposure", "server", {"egress": "high"}, {"egress": "low"}),
    DeploymentForm: Case("deployment-edit", "deployment", {"agent": "Their agent"}, {"agent": "My agent"}),
    ExitPlanForm: Case("exit-plan-rewrite", "exit_plan", {"replacement": "Theirs"}, {"replacement": "Mine"}),
    TierPlanEditForm: Case("tier-plan-change", "tier_plan", {"note": "Theirs"}, {"note": "Mine"}),
    StatusForm: Case("control-status-restate", "control_status", {"note": "Theirs"}, {"note": "Mine"}),
    ControlForm: Case("framework-change-control", ("framework", "control"), {"section": "Theirs"}, {"section": "Mine"}),
    CorrectForm: Case("certificate-correct", "certificate", {"body": "Theirs"}, {"body": "Mine"}),
    ItemForm: Case("due-diligence-item-record", "due_diligence_item", {"note": "Theirs"}, {"note": "Mine"}),
    JudgeForm: Case("certificate-judge", "certificate", {"is_read": "yes"}, {"is_read": "no"}),
    ContractForm: Case("contract-edit", "contract", {"reference": "Theirs"}, {"reference": "Mine"}),
    ProfileForm: Case("legal-profile", "unit", {"nis2": "essential"}, {"nis2": "important"}),
    UseCaseForm: Case("use-case-rewrite", "use_case", {"model_name": "Theirs"}, {"model_name": "Mine"}),
    TechnicalProfileForm: Case(
        "technical-profile-rewrite", "technical_profile", {"segment": "Theirs"}, {"segment": "Mine"}
    ),
    SubstitutabilityForm: Case(
        "server-substitutability", "server", {"alternatives": "Theirs"}, {"alternatives": "Mine"}
    ),
    ServiceForm: Case("shared-service-rewrite", "shared_service", {"stand_in": "Theirs"}, {"stand_in": "Mine"}),
    ProcessForm: Case("process-rewrite", "business_process", {"when_it_stops": "Theirs"}, {"when_it_stops": "Mine"}),
    FeedForm: Case("feed-change", "feed", {"name": "Theirs"}, {"name": "Mine"}),
    ChangeForm: Case("channel-change", "channel", {"name": "Theirs"}, {"name": "Mine"}),
    RuleForm: Case("alert-rule-rewrite", "alert_rule", {"name": "Theirs"}, {"name": "Mine"}),
    IsolationForm: Case("server-isolate", "server", {"port": "8081"}, {"port": "8082"}),
    PersonForm: Case("person", "person", {"name": "Theirs"}, {"name": "Mine"}, to="person-edit"),
    NameForm: Case("account", "", {"name": "Theirs"}, {"name": "Mine"}, to="account-name"),
    UnitNameForm: Case("unit", "unit", {"name": "Theirs"}, {"name": "Mine"}),
    SeverityForm: Case("finding-severity", "finding", {"severity": "2", **WHY}, {"severity": "1", **WHY}),
    DueForm: Case("finding-due-date", "finding", {"due_on": "2026-04-02", **WHY}, {"due_on": "2026-04-03", **WHY}),
    OwnerForm: Case("finding-assign", "finding", {"owner": "bob"}, {"owner": "zoe"}),
    PlanForm: Case("finding-plan", "finding", {"description": "Theirs"}, {"description": "Mine"}),
    AssignForm: Case("assessment-assign", "assessment", {"assignee": "bob"}, {"assignee": "zoe"}),
    AssigneeForm: Case("review-assign", "review", {"assignee": "bob"}, {"assignee": "zoe"}),
}


@pytest.fixture
def register(transactional_db: None) -> Iterator[estate.Estate]:
    found = built.lay_down()
    with frozen(estate.NOW):
        yield found


@pytest.fixture
def zoe(register: estate.Estate) -> Any:
    """Return somebody with every role, who has no hand in anything yet."""
    made = people.add(email="zoe@example.org", name="Zoe", by=SYSTEM, now=estate.NOW)
    for role in Role.values:
        people.give_role(made, role=role, unit=None, by=SYSTEM, now=estate.NOW)
    passwords.set_password(made, password=PASSWORD, by=made, now=estate.NOW)
    return made


def forms_in_use(of: type[EditForm] = EditForm) -> Iterator[type[EditForm]]:
    for one in of.__subclasses__():
        yield one
        yield from forms_in_use(one)


def test_every_form_that_begins_from_a_row_is_tried():
    # They register what is not there yet, with the fields of the form that edits it.
    assert set(forms_in_use()) - {NewFeedForm, RegisterServerForm, RegisterAskedForm} == CASES.keys()


def test_every_step_that_writes_facts_anew_has_its_form():
    declared = {name for name, one in every_step() if one.rule.edits}

    assert {f"{form.step.change.__module__}.{form.step.change.__name__}" for form in CASES} == declared


def test_no_form_saves_over_what_another_saved_meanwhile(register, zoe, subtests):
    users = {"bob": str(register.people.bob.pk), "zoe": str(zoe.pk)}
    for form, case in CASES.items():
        with subtests.test(msg=form.__name__):
            names = [case.object] if isinstance(case.object, str) else case.object
            keys = [register.keys[name] for name in names if name]
            _tried(as_(zoe), case, keys, users)


def _tried(client: Client, case: Case, keys: list[Any], users: dict[str, str]) -> None:
    at, to = reverse(f"web:{case.route}", args=keys), reverse(f"web:{case.to or case.route}", args=keys)
    theirs, mine = ({name: users.get(value, value) for name, value in one.items()} for one in (case.theirs, case.mine))
    [fact] = [name for name in theirs if name != "reason"]
    began = _signed(shown(client.get(at), "version"))
    assert client.post(to, began | theirs).status_code == 302

    refused = client.post(to, began | mine)

    assert refused.status_code == 409
    told = refused.content.decode()
    assert "after you had opened it. Nothing of yours is saved yet." in told
    again = _signed(shown(refused, "version"))
    assert shown(client.get(at), "version")[fact] == [theirs[fact]]
    assert again[fact] == [mine[fact]]
    assert client.post(to, again).status_code == 302
    assert shown(client.get(at), "version")[fact] == [mine[fact]]


def _signed(form: Sent) -> Sent:
    """Return the form with the password, where it asks for it: what is typed there is never shown again."""
    return form | {name: [PASSWORD] for name in form if name == "password"}


def test_the_page_says_who_changed_what_and_takes_over_what_was_not_typed(db):
    cast = assemble()
    vendor = a_vendor(cast, notes="As it was.")
    alice, bob = as_(cast.alice), as_(cast.bob)
    at = reverse("web:vendor-edit", args=[vendor.pk])
    began = shown(alice.get(at), "version")
    bob.post(at, began | {"notes": ["Bob's notes."], "country": ["PL"], "kinds": ["mcp_publisher", "host"]})

    refused = alice.post(at, began | {"notes": ["Alice's notes.\r\nTwo lines."], "website": ["https://example.com"]})

    told = refused.content.decode()
    [meanwhile] = [refused.context["form"].meanwhile]
    assert meanwhile.who == "Bob"
    assert {one.label: (one.theirs, one.yours) for one in meanwhile.differences} == {
        "Notes": ("Bob's notes.", "Alice's notes.\r\nTwo lines."),
        "Country": ("PL", None),
        "What it supplies": ("MCP server publisher, Host", None),
    }
    assert "Bob changed this" in told
    again = shown(refused, "version")
    assert again["notes"] == ["Alice's notes.\r\nTwo lines."]
    assert again["country"] == ["PL"]
    assert sorted(again["kinds"]) == ["host", "mcp_publisher"]
    assert again["website"] == ["https://example.com"]
    assert alice.post(at, again).status_code == 302
    vendor = Vendor.objects.get(pk=vendor.pk)
    assert (vendor.notes, vendor.country, vendor.website) == ("Alice's notes.\nTwo lines.", "PL", "https://example.com")


def test_a_form_without_its_version_is_not_saved(db):
    cast = assemble()
    vendor = a_vendor(cast, notes="As it was.")
    fields = {"name": vendor.name, "kinds": ["mcp_publisher"], "notes": "Blind."}

    answer = as_(cast.alice).post(reverse("web:vendor-edit", args=[vendor.pk]), fields)

    vendor.refresh_from_db()
    assert (answer.status_code, vendor.notes) == (409, "As it was.")


def test_what_others_do_about_the_same_row_disturbs_nobody(db):
    cast = assemble()
    vendor = a_vendor(cast)
    client, at = as_(cast.alice), reverse("web:vendor-edit", args=[vendor.pk])
    began = shown(client.get(at), "version")
    as_(cast.bob).post(reverse("web:vendor-move", args=[vendor.pk, "active"]), {})

    assert client.post(at, began | {"notes": ["Mine."]}).status_code == 302
    vendor.refresh_from_db()
    assert (vendor.status, vendor.notes) == ("active", "Mine.")
