"""How a form asks for a day: as HTML writes it, so that the browser shows a calendar."""

from django import forms

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
