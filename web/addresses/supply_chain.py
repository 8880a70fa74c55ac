"""Addresses of the supply chain's health."""

from django.urls import URLPattern, path

from web import supply_chain

urlpatterns: list[URLPattern] = [
    path("supply-chain/", supply_chain.index, name="supply-chain-list"),
]
