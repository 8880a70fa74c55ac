"""Addresses of the supply chain's health."""

from django.urls import URLPattern, path

from web.supply_chain import concentration, dependencies, supply_chain

urlpatterns: list[URLPattern] = [
    path("supply-chain/", supply_chain.index, name="supply-chain-list"),
    path("supply-chain/concentration/", concentration.index, name="supply-chain-concentration"),
    path("supply-chain/lost/", concentration.lost, name="supply-chain-lost"),
    path("servers/<uuid:pk>/map/", dependencies.server, name="server-map"),
    path("vendors/<uuid:pk>/map/", dependencies.vendor, name="vendor-map"),
]
