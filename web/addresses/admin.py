"""Addresses of administration."""

from django.urls import URLPattern, path

from web.accounts import administration, demo, people

urlpatterns: list[URLPattern] = [
    path("people/", people.people_list, name="people"),
    path("people/invite/", people.invite, name="person-invite"),
    path("people/<uuid:pk>/", people.person, name="person"),
    path("people/<uuid:pk>/edit/", people.edit, name="person-edit"),
    path("people/<uuid:pk>/link/", people.make_link, name="person-link"),
    path("people/<uuid:pk>/mail-link/", people.mail_link, name="person-mail-link"),
    path("people/<uuid:pk>/roles/", people.give_role, name="role-give"),
    path("people/<uuid:pk>/roles/<uuid:membership>/take/", people.take_role, name="role-take"),
    path("people/<uuid:pk>/deactivate/", people.deactivate, name="person-deactivate"),
    path("people/<uuid:pk>/activate/", people.activate, name="person-activate"),
    path("people/<uuid:pk>/sessions/end/", people.end_sessions, name="person-sessions-end"),
    path("units/", administration.units, name="units"),
    path("units/<uuid:pk>/", administration.unit, name="unit"),
    path("tokens/", administration.tokens, name="tokens"),
    path("jobs/", administration.jobs, name="jobs"),
    path("jobs/<uuid:pk>/retry/", administration.retry, name="job-retry"),
    path("mail/retry/", administration.send_all_again, name="mail-retry-all"),
    path("mail/<uuid:pk>/retry/", administration.send_again, name="mail-retry"),
    path("about/", administration.about, name="about"),
    path("demo/", demo.remove, name="demo"),
]
