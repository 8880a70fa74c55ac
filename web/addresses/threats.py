"""Addresses of what the world says of threats, and of what of it is passed on."""

from django.urls import URLPattern, path

from web.observations import egress, shares, threats, watch_list

urlpatterns: list[URLPattern] = [
    path("indicator-hits/", threats.hits, name="indicator-hit-list"),
    path("indicator-hits/<uuid:pk>/", threats.hit, name="indicator-hit-detail"),
    path("indicator-hits/<uuid:pk>/promote/", threats.promote, name="indicator-hit-promote"),
    path("indicators/", threats.indicators, name="indicator-list"),
    path("indicators/<uuid:pk>/", threats.indicator, name="indicator-detail"),
    path("techniques/", threats.techniques, name="technique-list"),
    path("watch-entries/", watch_list.index, name="watch-entry-list"),
    path("watch-entries/note/", watch_list.note, name="watch-entry-note"),
    path("watch-entries/<uuid:pk>/", watch_list.detail, name="watch-entry-detail"),
    path("watch-entries/<uuid:pk>/settle/", watch_list.settle, name="watch-entry-settle"),
    path("watch-entries/<uuid:pk>/reopen/", watch_list.reopen, name="watch-entry-reopen"),
    path("egress/", egress.contacts, name="egress-contact-list"),
    path("egress-logs/", egress.logs, name="egress-log-list"),
    path("egress-logs/<uuid:pk>/", egress.log, name="egress-log-detail"),
    path("shares/", shares.index, name="share-list"),
    path("shares/new/", shares.make, name="share-make"),
    path("shares/<uuid:pk>/", shares.detail, name="share-detail"),
    path("shares/<uuid:pk>/bundle/", shares.download, name="share-bundle"),
]
