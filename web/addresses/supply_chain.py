"""Addresses of the supply chain's health."""

from django.urls import URLPattern, path

from web import concentration, supply_chain

urlpatterns: list[URLPattern] = [
    path("supply-chain/", supply_chain.index, name="supply-chain-list"),
    path("supply-chain/concentration/", concentration.index, name="supply-chain-concentration"),
    path("supply-chain/lost/", concentration.lost, name="supply-chain-lost"),
]
