"""Addresses of use cases, business processes, shared services, technical profiles, and of what stops."""

from django.urls import URLPattern, path

from web.landscape import (
    business_processes,
    shared_services,
    substitutability,
    technical_profiles,
    use_cases,
    what_stops,
)
from web.supply_chain import dependencies

urlpatterns: list[URLPattern] = [
    path("use-cases/", use_cases.index, name="use-case-list"),
    path("use-cases/register/", use_cases.write, name="use-case-write"),
    path("use-cases/<uuid:pk>/", use_cases.detail, name="use-case-detail"),
    path("use-cases/<uuid:pk>/rewrite/", use_cases.rewrite, name="use-case-rewrite"),
    path("use-cases/<uuid:pk>/end/", use_cases.end, name="use-case-end"),
    path("use-cases/<uuid:pk>/process/", use_cases.add_process, name="use-case-process-add"),
    path("use-case-processes/<uuid:pk>/remove/", use_cases.remove_process, name="use-case-process-remove"),
    path("deployments/<uuid:pk>/use-case/", use_cases.add_deployment, name="use-case-deployment-add"),
    path("use-case-deployments/<uuid:pk>/remove/", use_cases.remove_deployment, name="use-case-deployment-remove"),
    path("business-processes/", business_processes.index, name="process-list"),
    path("business-processes/register/", business_processes.write, name="process-write"),
    path("business-processes/<uuid:pk>/", business_processes.detail, name="process-detail"),
    path("business-processes/<uuid:pk>/rewrite/", business_processes.rewrite, name="process-rewrite"),
    path("business-processes/<uuid:pk>/end/", business_processes.end, name="process-end"),
    path("servers/<uuid:pk>/what-stops/", what_stops.of_server, name="server-what-stops"),
    path("vendors/<uuid:pk>/what-stops/", what_stops.of_vendor, name="vendor-what-stops"),
    path("shared-services/", shared_services.index, name="shared-service-list"),
    path("shared-services/register/", shared_services.write, name="shared-service-write"),
    path("shared-services/<uuid:pk>/", shared_services.detail, name="shared-service-detail"),
    path("shared-services/<uuid:pk>/rewrite/", shared_services.rewrite, name="shared-service-rewrite"),
    path("shared-services/<uuid:pk>/assess/", shared_services.assess, name="shared-service-assess"),
    path("shared-services/<uuid:pk>/end/", shared_services.end, name="shared-service-end"),
    path("shared-services/<uuid:pk>/what-stops/", what_stops.of_service, name="shared-service-what-stops"),
    path("deployments/<uuid:pk>/runs-behind/", shared_services.add_link, name="runs-behind-add"),
    path("service-links/<uuid:pk>/remove/", shared_services.remove_link, name="runs-behind-remove"),
    path("technical-profiles/", technical_profiles.index, name="technical-profile-list"),
    path("technical-profiles/<uuid:pk>/", technical_profiles.detail, name="technical-profile-detail"),
    path("technical-profiles/<uuid:pk>/rewrite/", technical_profiles.rewrite, name="technical-profile-rewrite"),
    path("deployments/<uuid:pk>/technical-profile/", technical_profiles.write, name="technical-profile-write"),
    path("servers/<uuid:pk>/technical-profile/", technical_profiles.of_server, name="server-technical-profile"),
    path("servers/<uuid:pk>/chain/", dependencies.server_chain, name="server-chain"),
    path("use-cases/<uuid:pk>/chain/", dependencies.use_case_chain, name="use-case-chain"),
    path("servers/<uuid:pk>/substitutability/", substitutability.of_server, name="server-substitutability"),
    path("vendors/<uuid:pk>/substitutability/", substitutability.of_vendor, name="vendor-substitutability"),
]
