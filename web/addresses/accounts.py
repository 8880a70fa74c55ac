"""Addresses of signing in and of one's own account."""

from django.urls import URLPattern, path

from web.accounts import account, mail, signin, times

urlpatterns: list[URLPattern] = [
    path("sign-in/", signin.sign_in, name="sign-in"),
    path("sign-out/", signin.sign_out, name="sign-out"),
    path("password-reset/", signin.password_reset, name="password-reset"),
    path("set-password/<str:uid>/<str:token>/", signin.set_password, name="set-password"),
    path("account/", account.account, name="account"),
    path("account/name/", account.rename, name="account-name"),
    path("account/mail/", mail.choose, name="account-mail"),
    path("account/quiet-hours/", times.quiet_hours, name="account-quiet-hours"),
    path("account/deputy/", times.deputy, name="account-deputy"),
    path("account/theme/", account.theme, name="theme"),
    path("account/password/", account.change_password, name="account-password"),
    path("account/sessions/end/", account.end_sessions, name="account-sessions-end"),
    path("account/tokens/", account.make_token, name="token-make"),
    path("account/tokens/<uuid:pk>/revoke/", account.revoke_token, name="token-revoke"),
]
