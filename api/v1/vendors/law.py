"""The law, the clauses that contracts are read for, what units are to the law, and what a vendor's contracts give."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from accounts.models import Unit
from api.description.described import described
from api.fields import Body, Choice, Known, Text
from api.filters import refuse_parameters
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Door, Noun
from contracts import law
from contracts.agreements import legal_profiles
from contracts.coverage import clause_list, demands, looking
from contracts.coverage.judging import Judgement
from contracts.lists import LEGAL_PROFILES
from contracts.models import LegalProfile
from contracts.models.legal_profile import FACTS
from vendors.models import Vendor


class LegalProfileOut(Out):
    """What the law takes a unit to be; what nobody has said is `unknown`."""

    unit = refs.UnitRef()
    written_by = refs.PersonRef()

    class Meta:
        model = LegalProfile
        fields = ("id", "unit", "entity_name", "lei", "country", *FACTS, "written_by", "written_at")


def _fact(name: str) -> Choice:
    field: Any = LegalProfile._meta.get_field(name)
    return Choice(choices=field.flatchoices, required=False)


class LegalProfileEdit(Body):
    """What a unit is to the law."""

    entity_name = Text(required=False)
    lei = Text(required=False, help_text="Legal Entity Identifier of 20 characters")
    country = Text(required=False, help_text="ISO 3166 code of two letters")
    financial, nis2, nis2_digital = _fact("financial"), _fact("nis2"), _fact("nis2_digital")
    personal_data, eu, us_listed = _fact("personal_data"), _fact("eu"), _fact("us_listed")
    us_bank, digital_products, high_risk_ai = _fact("us_bank"), _fact("digital_products"), _fact("high_risk_ai")


class LegalProfileBody(LegalProfileEdit):
    """The same, of which unit."""

    unit = Known(Unit)


class LegalProfiles(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[LegalProfile]):
    """What the law takes units to be. This is no legal advice."""

    serializer_class = LegalProfileOut
    body_class, edit_class = LegalProfileBody, LegalProfileEdit
    of, orders = LEGAL_PROFILES, ("id",)

    def get_queryset(self) -> "QuerySet[LegalProfile]":
        """Return the profiles that the caller may see."""
        return LegalProfile.objects.visible_to(self.person).select_related("unit", "written_by")

    @takes(legal_profiles.write)
    def create(self, request: Request) -> Response:
        """Say what a unit is to the law, of which nobody has said it."""
        return self.made(legal_profiles.write(by=self.by, now=timezone.now(), **self.body(LegalProfileBody)))

    @takes(legal_profiles.rewrite)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change what a unit is to the law; its vendors are looked at anew within minutes."""
        profile = self.get_object()
        changes, version = self.changes()
        legal_profiles.rewrite.over(version)(profile, changes=changes, by=self.by, now=timezone.now())
        return Response(self.shown(pk))


class ClauseSourceOut(serializers.Serializer[Any]):
    """A rule of the law that speaks of a clause; `demands` says whether it demands it or is there to read."""

    rule = serializers.CharField()
    article = serializers.CharField()
    demands = serializers.BooleanField()


class ClauseTypeOut(serializers.Serializer[Any]):
    """A clause that contracts are read for; `policy` says by tier what your organisation demands, in words."""

    key = serializers.CharField()
    group = serializers.CharField()
    title = serializers.CharField()
    asks = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    accepts = serializers.ListField(child=serializers.CharField())
    sources = ClauseSourceOut(many=True)
    policy = serializers.DictField(child=serializers.CharField(allow_blank=True))


class LegalRuleOut(serializers.Serializer[Any]):
    """A rule of the law: `status` is how far the law has come, `stands` where the rule stands today."""

    key = serializers.CharField()
    law_title = serializers.CharField()
    citation = serializers.CharField()
    article = serializers.CharField()
    title = serializers.CharField()
    demands = serializers.CharField()
    address = serializers.CharField()
    status = Choice(choices=["in force", "agreed", "proposed"])
    stands = Choice(choices=[one.value for one in law.Force])
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)


class LawOut(serializers.Serializer[Any]):
    """The latest version of the law that the register holds. This is no legal advice."""

    version = serializers.IntegerField()
    checked_on = serializers.DateField()
    notice = serializers.CharField()
    rules = LegalRuleOut(many=True)


class JudgementOut(serializers.Serializer[Any]):
    """How a clause stands: `verdict` is empty where what the contracts give is enough."""

    clause = serializers.CharField()
    verdict = serializers.CharField(allow_blank=True)
    have = serializers.CharField()
    wanted = serializers.CharField(allow_blank=True)
    why = serializers.ListField(child=serializers.CharField())


class AgreedOut(serializers.Serializer[Any]):
    """What the contracts with a vendor give, held against what is demanded on this day. This is no legal advice."""

    tier = serializers.IntegerField(allow_null=True, help_text="the worst inherent tier of what it supplies")
    in_force = serializers.ListField(child=serializers.CharField())
    contract_demanded_by = serializers.ListField(child=serializers.CharField())
    clauses = JudgementOut(many=True)


class LawView(Door):
    """The law as data."""

    @described(operation_id="law_retrieve", responses=LawOut)
    def get(self, request: Request) -> Response:
        """Return the rules of the law, and where each stands today."""
        refuse_parameters(request)
        code, today = law.load(), timezone.localdate()
        rules = [_rule(rule, today) for rule in code.rules.values()]
        answer = {"version": code.version, "checked_on": code.checked_on, "notice": law.NO_ADVICE, "rules": rules}
        return Response(LawOut(answer).data)


class ClausesView(Door):
    """The list of clauses."""

    @described(operation_id="clauses_list", responses=ClauseTypeOut(many=True))
    def get(self, request: Request) -> Response:
        """Return the clauses that contracts are read for, with their units and what is demanded."""
        refuse_parameters(request)
        return Response(ClauseTypeOut([_clause(one) for one in clause_list.load().clauses.values()], many=True).data)


class AgreedView(Door):
    """What the contracts with one vendor give."""

    @described(operation_id="vendors_agreed_retrieve", responses=AgreedOut)
    def get(self, request: Request, pk: Any) -> Response:
        """Return what the contracts with a vendor give, clause by clause, and what is missing."""
        refuse_parameters(request)
        vendor = Vendor.objects.visible_to(self.person).filter(pk=pk).first()
        if vendor is None:
            raise Http404
        seen = access.visible_units(self.person).values_list("pk", flat=True)
        view = looking.view(vendor, today=timezone.localdate(), units=seen)
        answer = {
            "tier": view.scope.tier,
            "in_force": view.situation.holds,
            "contract_demanded_by": view.calls_for,
            "clauses": [_judgement(one) for one in view.judged],
        }
        return Response(AgreedOut(answer).data)


def _rule(rule: law.Rule, today: date) -> dict[str, Any]:
    return {
        "key": rule.key,
        "law_title": rule.law.title,
        "citation": rule.law.citation,
        "article": rule.article,
        "title": rule.title,
        "demands": rule.demands,
        "address": rule.law.address,
        "status": rule.status,
        "stands": rule.force(today).value,
        "valid_from": rule.valid_from,
        "valid_to": rule.valid_to,
    }


def _clause(one: clause_list.ClauseType) -> dict[str, Any]:
    return {
        "key": one.key,
        "group": one.group,
        "title": one.title,
        "asks": one.asks,
        "unit": one.unit,
        "accepts": one.accepts,
        "sources": [{"rule": s.rule, "article": s.article, "demands": s.demand is not None} for s in one.sources],
        "policy": {str(tier): demands.worded(bound, one) for tier, bound in one.policy.items()},
    }


def _judgement(one: Judgement) -> dict[str, Any]:
    return {"clause": one.clause.key, "verdict": one.verdict, "have": one.have, "wanted": one.wanted, "why": one.why}
