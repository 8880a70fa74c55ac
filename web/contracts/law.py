"""The law: which rules apply to which unit, what is in force and to come, what moved; and what a unit is to the law."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.models import Unit
from contracts import law
from contracts.agreements import legal_profiles
from contracts.coverage import looking
from contracts.law import Code, Force
from contracts.models import LegalProfile
from contracts.models.legal_profile import FACTS
from web.forms.editing import EditForm
from web.page_parts import asking, history
from web.page_parts.access import MemberRequest, member
from web.page_parts.asking import Page, asks

ORDER = (Force.IN_FORCE, Force.TO_COME, Force.PROPOSED, Force.ENDED)


def _choice(name: str, label: str, help_text: str = "") -> forms.ChoiceField:
    choices = LegalProfile._meta.get_field(name).flatchoices  # type: ignore[union-attr]
    return forms.ChoiceField(choices=choices, label=label, help_text=help_text, initial=law.UNKNOWN)


class ProfileForm(EditForm):
    """What a unit is to the law; what is not known stays so."""

    entity_name = forms.CharField(required=False, max_length=200, label="Legal entity")
    lei = forms.CharField(
        required=False, max_length=30, label="LEI", help_text="Legal Entity Identifier of 20 characters."
    )
    country = forms.CharField(required=False, help_text="Two letters, e.g. DE.")
    financial = _choice("financial", "Financial entity", "As DORA 2 names them.")
    nis2 = _choice("nis2", "Under NIS 2", "As your member state's law says.")
    nis2_digital = _choice(
        "nis2_digital",
        "Digital entity under NIS 2",
        "Cloud, data centre, managed service, DNS, trust service, marketplace, search or social network.",
    )
    personal_data = _choice("personal_data", "Personal data")
    eu = _choice("eu", "In the European Union, or serves people there")
    us_listed = _choice("us_listed", "Files with the SEC", "Securities and Exchange Commission of the United States.")
    us_bank = _choice("us_bank", "Bank under a US federal agency", "OCC, Federal Reserve or FDIC.")
    digital_products = _choice(
        "digital_products", "Makes products with digital elements", "Placed on the market of the European Union."
    )
    high_risk_ai = _choice("high_risk_ai", "High-risk AI systems", "As the AI Act names them.")
    step = legal_profiles.rewrite


@require_safe
@member
def index(request: MemberRequest) -> HttpResponse:
    """Show which rules apply to the person's units, where each stands, and what moved between versions of the data."""
    code, today = law.load(), timezone.localdate()
    units = list(access.visible_units(request.user))
    profiles = {row.unit_id: row for row in LegalProfile.objects.visible_to(request.user)}
    rows = [
        {
            "rule": rule,
            "force": rule.force(today),
            "history": law.history(rule.key, _codes())[:-1],
            "reach": [(unit, _applies(rule, profiles.get(unit.pk))) for unit in units],
        }
        for rule in code.rules.values()
    ]
    page = {
        "code": code,
        "rows": sorted(rows, key=lambda row: ORDER.index(row["force"])),
        "coming": [rule for rule in law.to_come(code, today) if rule.force(today) is Force.TO_COME],
        "units": [(unit, profiles.get(unit.pk)) for unit in units],
        "moved": [(new, law.moved(old, new)) for old, new in zip(_codes(), _codes()[1:], strict=False)],
        "no_advice": law.NO_ADVICE,
    }
    return render(request, "contracts/law.html", page)


@asks
@member
def profile(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what a unit is to the law, and let those who may write say it."""
    unit = access.visible_units(request.user).filter(pk=pk).first()
    if unit is None:
        raise Http404
    row = LegalProfile.objects.visible_to(request.user).select_related("unit", "written_by").filter(unit=unit).first()
    if not legal_profiles.write.offer(LegalProfile(unit=unit), request.user).may:
        return _shown(request, unit, row)
    form = asking.filled(request, ProfileForm, row=row)
    words = f"Which rules of the law apply to {unit}, and so what its vendors' contracts must say. {law.NO_ADVICE}"
    return asking.ask(
        request,
        form,
        Page(f"{unit} and the law", words, "Save", reverse("web:law"), "Law", "law"),
        step=lambda data: _save(request, unit, row, form, data),
        message=f"Saved. The vendors of {unit} are looked at anew within minutes.",
    )


def _save(request: MemberRequest, unit: Unit, row: LegalProfile | None, form: ProfileForm, data: Any) -> object:
    how: dict[str, Any] = {"by": request.user, "now": timezone.now()}
    return legal_profiles.write(unit=unit, **data, **how) if row is None else form.take(row, changes=data, **how)


def _shown(request: MemberRequest, unit: Unit, row: LegalProfile | None) -> HttpResponse:
    if request.method == "POST":
        legal_profiles.write.require(LegalProfile(unit=unit), request.user)
    named = LegalProfile(unit=unit) if row is None else row
    facts = [(looking.WORDS[name].capitalize(), getattr(named, f"get_{name}_display")()) for name in FACTS]
    page = {"unit": unit, "profile": row, "facts": facts, "no_advice": law.NO_ADVICE, "section": "law"}
    return render(request, "contracts/profile.html", page | (history.shown(request.user, row) if row else {}))


def _applies(rule: law.Rule, row: LegalProfile | None) -> law.Applies:
    return law.applies(rule, row.facts if row else {}, words=looking.WORDS)


def _codes() -> list[Code]:
    return [law.load(version) for version in law.versions()]
