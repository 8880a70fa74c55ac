"""Addresses of inventories."""

from django.urls import URLPattern, path

from web import inventories

urlpatterns: list[URLPattern] = [
    path("inventories/", inventories.index, name="inventory-list"),
    path("inventories/<uuid:pk>/", inventories.detail, name="inventory-detail"),
    path("inventories/<uuid:pk>/document/", inventories.document, name="inventory-document"),
    path("inventories/<uuid:pk>/withdraw/", inventories.withdraw, name="inventory-withdraw"),
]
