"""Addresses of inventories, components and what servers are built from."""

from django.urls import URLPattern, path

from web.supply_chain import built_from, inventories

urlpatterns: list[URLPattern] = [
    path("affected/", built_from.affected, name="affected"),
    path("licences/", built_from.licences, name="licences"),
    path("components/", built_from.components, name="component-list"),
    path("inventories/", inventories.index, name="inventory-list"),
    path("inventories/<uuid:pk>/", inventories.detail, name="inventory-detail"),
    path("inventories/<uuid:pk>/changes/", inventories.changes, name="inventory-changes"),
    path("inventories/<uuid:pk>/document/", inventories.document, name="inventory-document"),
    path("inventories/<uuid:pk>/export/<str:form>/", inventories.export, name="inventory-export"),
    path("inventories/<uuid:pk>/withdraw/", inventories.withdraw, name="inventory-withdraw"),
    path("servers/<uuid:pk>/built-from/", built_from.index, name="server-built-from"),
    path("servers/<uuid:pk>/inventories/give/", built_from.give, name="inventory-give"),
]
