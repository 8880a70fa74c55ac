"""Forms of signing in, and of setting a password."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate, password_validation
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts import signing
from accounts.models import User


class SignInForm(forms.Form):
    """Address and password; the same refusal whether the address, the password or the account is wrong."""

    username = forms.EmailField(
        label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), max_length=1000
    )

    def __init__(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        """Keep the request, whose address the lock-out counts."""
        super().__init__(*args, **kwargs)
        self.request = request
        self.person: User | None = None

    def clean_username(self) -> str:
        """Return the address in lower case, so that spelling it anew does not get round the lock-out."""
        return str(self.cleaned_data["username"]).lower()

    def clean(self) -> dict[str, Any]:
        """Find the person."""
        given = self.cleaned_data
        if self.request and "username" in given and "password" in given:
            found = authenticate(self.request, username=given["username"], password=given["password"])
            if not isinstance(found, User):
                raise ValidationError("Address and password do not match. Check both, or ask for a new password.")
            self.person = found
        return given


class AddressForm(forms.Form):
    """The address to which a link goes."""

    email = forms.EmailField(
        label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )


class NewPasswordForm(forms.Form):
    """A new password, once: whoever mistypes it asks for another link; managers of passwords fill it in."""

    password = forms.CharField(
        label="New password",
        strip=False,
        max_length=1000,
        help_text="At least 12 characters. A few unrelated words are easy to remember and hard to guess.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": 12}),
    )
    again = forms.CharField(
        label="New password, again",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        """Keep the person, whose name and address must not be the password."""
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        """Refuse weak passwords."""
        password = str(self.cleaned_data["password"])
        password_validation.validate_password(password, self.person)
        return password

    def clean_again(self) -> str:
        """Refuse two that differ."""
        again = str(self.cleaned_data["again"])
        if self.cleaned_data.get("password", again) != again:
            raise ValidationError("The two passwords differ. Type the same one twice.")
        return again


def own_password(request: HttpRequest, password: str) -> str:
    """Return the password of whoever is signed in, who then signs what this request does.

    Raises ValidationError for another; the lock-out counts that.
    """
    email = getattr(request.user, "email", "")
    if authenticate(request, username=email, password=password) != request.user:
        raise ValidationError("This is not your password.")
    signing.sign(request.user)
    return password


class PasswordField(forms.CharField):
    """The password of whoever is signed in, given again with what it signs."""

    def __init__(self, request: HttpRequest) -> None:
        """Keep who must give it."""
        super().__init__(
            label="Your password",
            strip=False,
            max_length=1000,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            help_text="It signs what you do here.",
        )
        self.request = request

    def clean(self, value: Any) -> str:
        """Return it. Raises ValidationError for another; wrong ones count towards the lock-out as at sign-in."""
        return own_password(self.request, str(super().clean(value)))


class PasswordAgain(forms.Form):
    """Asks for the password again before something that a borrowed browser must not be able to do.

    A wrong one counts for the lock-out as a failed sign-in does.
    """

    current_password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=1000,
        help_text="Again, since this must be you.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """Keep the request: who is signed in, and from where."""
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_current_password(self) -> str:
        """Refuse a password that is not the signed-in person's."""
        return own_password(self.request, str(self.cleaned_data["current_password"]))


class ChangePasswordForm(PasswordAgain, NewPasswordForm):
    """The current password and a new one."""

    field_order = ("current_password", "password", "again")
