"""Addresses of governance tiers: gaps, acceptances of lower ones, and plans."""

from django.urls import URLPattern, path

from web.controls import tier_acceptances, tier_gaps, tier_plans

urlpatterns: list[URLPattern] = [
    path("gap-to-tier/", tier_gaps.index, name="tier-gap-list"),
    path("gap-to-tier/units/", tier_gaps.of_units, name="tier-gap-units"),
    path("gap-to-tier/<uuid:pk>/", tier_gaps.of_deployment, name="tier-gap-detail"),
    path("gap-to-tier/<uuid:pk>/lower/", tier_acceptances.ask_for, name="tier-acceptance-ask"),
    path("gap-to-tier/<uuid:pk>/plan/", tier_plans.plan_deployment, name="tier-plan-deployment"),
    path("servers/<uuid:pk>/tier-plan/", tier_plans.plan_server, name="tier-plan-server"),
    path("tier-acceptances/", tier_acceptances.index, name="tier-acceptance-list"),
    path("tier-acceptances/<uuid:pk>/", tier_acceptances.detail, name="tier-acceptance-detail"),
    path("tier-acceptances/<uuid:pk>/decide/", tier_acceptances.decide, name="tier-acceptance-decide"),
    path("tier-acceptances/<uuid:pk>/revoke/", tier_acceptances.revoke, name="tier-acceptance-revoke"),
    path("tier-plans/", tier_plans.index, name="tier-plan-list"),
    path("tier-plans/<uuid:pk>/", tier_plans.detail, name="tier-plan-detail"),
    path("tier-plans/<uuid:pk>/change/", tier_plans.change, name="tier-plan-change"),
    path("tier-plans/<uuid:pk>/reschedule/", tier_plans.reschedule, name="tier-plan-reschedule"),
    path("tier-plans/<uuid:pk>/drop/", tier_plans.drop, name="tier-plan-drop"),
]
