"""Addresses of channels, and of the messages to them."""

from django.urls import URLPattern, path

from web.alerts import channels

urlpatterns: list[URLPattern] = [
    path("channels/", channels.index, name="channel-list"),
    path("channels/add/", channels.open_one, name="channel-open"),
    path("channels/<uuid:pk>/", channels.detail, name="channel-detail"),
    path("channels/<uuid:pk>/change/", channels.change, name="channel-change"),
    path("channels/<uuid:pk>/try/", channels.try_out, name="channel-try"),
    path("channels/<uuid:pk>/replay/", channels.replay_given_up, name="channel-replay"),
    path("channels/<uuid:pk>/rotate/", channels.rotate, name="channel-rotate"),
    path("channels/<uuid:pk>/end-former/", channels.end_former, name="channel-end-former"),
    path("channels/<uuid:pk>/retire/", channels.retire, name="channel-retire"),
    path("messages/", channels.messages, name="message-list"),
    path("messages/<uuid:pk>/", channels.message, name="message-detail"),
    path("messages/<uuid:pk>/replay/", channels.replay, name="message-replay"),
]
