"""Addresses of the REST API."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from rest_framework.routers import SimpleRouter

from api.description import docs
from api.v1 import dashboard
from api.v1.accounts import jobs, mail, me, people, times, tokens
from api.v1.alerts import alert_rules, alerts, channels, escalations
from api.v1.assessments import answers, approvals, assessments, reviews
from api.v1.controls import control_statuses, frameworks, questions, tiers
from api.v1.findings import acceptances, findings
from api.v1.landscape import exit_plans, landscape, shared_services, substitutabilities, technical_profiles
from api.v1.observations import discoveries, feeds, intelligence, runs
from api.v1.policies import enforcement_tests, isolation_profiles, policies
from api.v1.proof import events, evidence, reports, trail
from api.v1.servers import deployments, intake, overrides, ratings, releases, servers
from api.v1.supply_chain import inventories, statements, supply_chain, upgrades
from api.v1.vendors import certificates, contracts, due_diligence, law, register_of_information, vendors
from api.views import NotHere

app_name = "api"

router = SimpleRouter(use_regex_path=False)
router.register("vendors", vendors.Vendors, basename="vendor")
router.register("contracts", contracts.Contracts, basename="contract")
router.register("legal-profiles", law.LegalProfiles, basename="legal-profile")
router.register("servers", servers.Servers, basename="server")
router.register("releases", releases.Releases, basename="release")
router.register("deployments", deployments.Deployments, basename="deployment")
router.register("assessments", assessments.Assessments, basename="assessment")
router.register("findings", findings.Findings, basename="finding")
router.register("acceptances", acceptances.Acceptances, basename="acceptance")
router.register("approvals", approvals.Approvals, basename="approval")
router.register("overrides", overrides.Overrides, basename="override")
router.register("ratings", ratings.Ratings, basename="rating")
router.register("reviews", reviews.Reviews, basename="review")
router.register("reports", reports.Reports, basename="report")
router.register("evidence", evidence.EvidenceRecords, basename="evidence")
router.register("certificates", certificates.Certificates, basename="certificate")
router.register("due-diligence", due_diligence.DueDiligenceRounds, basename="due-diligence")
router.register("due-diligence-items", due_diligence.DueDiligenceItems, basename="due-diligence-item")
router.register("exit-plans", exit_plans.ExitPlans, basename="exit-plan")
router.register("tier-gaps", tiers.TierGaps, basename="tier-gap")
router.register("tier-acceptances", tiers.TierAcceptances, basename="tier-acceptance")
router.register("tier-plans", tiers.TierPlans, basename="tier-plan")
router.register("use-cases", landscape.UseCases, basename="use-case")
router.register("business-processes", landscape.Processes, basename="process")
router.register("shared-services", shared_services.SharedServices, basename="shared-service")
router.register("technical-profiles", technical_profiles.TechnicalProfiles, basename="technical-profile")
router.register("substitutabilities", substitutabilities.Substitutabilities, basename="substitutability")
router.register("escalations", escalations.Escalations, basename="escalation")
router.register("policies", policies.Policies, basename="policy")
router.register("denials", policies.Denials, basename="denial")
router.register("requests", intake.Requests, basename="request")
router.register("discoveries", discoveries.Discoveries, basename="discovery")
router.register("configured-servers", discoveries.ConfiguredServers, basename="configured-server")
router.register("unapproved-uses", discoveries.UnapprovedUses, basename="unapproved-use")
router.register("enforcement-tests", enforcement_tests.EnforcementTests, basename="enforcement-test")
router.register("isolation-profiles", isolation_profiles.IsolationProfiles, basename="isolation-profile")
router.register("components", inventories.Components, basename="component")
router.register("inventories", inventories.Inventories, basename="inventory")
router.register("feeds", feeds.Feeds, basename="feed")
router.register("feed-runs", feeds.FeedRuns, basename="feed-run")
router.register("quarantined-records", feeds.QuarantinedRecords, basename="quarantined")
router.register("indicators", intelligence.Indicators, basename="indicator")
router.register("indicator-hits", intelligence.IndicatorHits, basename="indicator-hit")
router.register("watch-entries", intelligence.WatchEntries, basename="watch-entry")
router.register("egress-logs", intelligence.EgressLogs, basename="egress-log")
router.register("egress-contacts", intelligence.EgressContacts, basename="egress-contact")
router.register("shares", intelligence.Shares, basename="share")
router.register("statements", statements.Statements, basename="statement")
router.register("suppressions", statements.Suppressions, basename="suppression")
router.register("runs", runs.Runs, basename="run")
router.register("observations", runs.Observations, basename="observation")
router.register("events", events.Events, basename="event")
router.register("question-sets", questions.QuestionSets, basename="question-set")
router.register("controls", questions.Controls, basename="control")
router.register("frameworks", frameworks.Frameworks, basename="framework")
router.register("control-statuses", control_statuses.ControlStatuses, basename="control-status")
router.register("people", people.People, basename="person")
router.register("units", people.Units, basename="unit")
router.register("tokens", tokens.Tokens, basename="token")
router.register("alerts", alerts.Alerts, basename="alert")
router.register("alert-rules", alert_rules.AlertRules, basename="alert-rule")
router.register("channels", channels.Channels, basename="channel")
router.register("messages", channels.Messages, basename="message")
router.register("jobs", jobs.Jobs, basename="job")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(router.urls)),
    *answers.addresses(),
    path("law/", law.LawView.as_view(), name="law"),
    path("clauses/", law.ClausesView.as_view(), name="clauses"),
    path("vendors/<uuid:pk>/agreed/", law.AgreedView.as_view(), name="vendor-agreed"),
    path(
        "units/<uuid:pk>/register-of-information/",
        register_of_information.RegisterOfInformationView.as_view(),
        name="unit-register-of-information",
    ),
    path("dashboard/", dashboard.DashboardView.as_view(), name="dashboard"),
    path("supply-chain/", supply_chain.SupplyChainView.as_view(), name="supply-chain"),
    path("upgrades/", upgrades.UpgradesView.as_view(), name="upgrades"),
    path("licences/", upgrades.LicencesView.as_view(), name="licences"),
    path("supply-chain/concentration/", supply_chain.ConcentrationView.as_view(), name="supply-chain-concentration"),
    path("trail/", trail.Standing.as_view(), name="trail"),
    path("trail/checkpoints/", trail.Checkpoints.as_view(), name="trail-checkpoints"),
    path("trail/inclusion/", trail.Inclusion.as_view(), name="trail-inclusion"),
    path("trail/consistency/", trail.Consistency.as_view(), name="trail-consistency"),
    path("me/", me.MeView.as_view(), name="me"),
    path("me/mail/", mail.MailView.as_view(), name="mail"),
    path("me/quiet-hours/", times.QuietHoursView.as_view(), name="quiet-hours"),
    path("me/deputy/", times.DeputyView.as_view(), name="deputy"),
    path("schema/", docs.schema, name="schema"),
    path("docs/", docs.pages, name="docs"),
    re_path("", NotHere.as_view()),
]
