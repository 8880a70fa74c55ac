"""Forms of a decision that another person asked for: granted or refused."""

from django import forms

from accounts.offers import Offer


class AnswerForm(forms.Form):
    """Another person's answer to a request."""

    GRANT = "Grant"

    decision = forms.ChoiceField(choices=(), widget=forms.RadioSelect)
    note = forms.CharField(
        label="Why", widget=forms.Textarea(attrs={"rows": 3}), required=False, help_text="A refusal needs a reason."
    )

    def __init__(self, *args: object, grant: Offer, **kwargs: object) -> None:
        """Offer what can be answered: what nobody can grant any more is refused, and why is said."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        decision = self.fields["decision"]
        granted = [("grant", self.GRANT)] if grant.is_possible else []
        decision.choices = [*granted, ("refuse", "Refuse")]  # type: ignore[attr-defined]
        decision.help_text = "" if granted else f"It cannot be granted any more. {grant.why_not}"
