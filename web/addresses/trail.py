"""Addresses of trail."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
