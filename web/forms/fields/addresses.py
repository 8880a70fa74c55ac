"""How a form asks for a web address: as text, since the step takes one without https:// that a browser would refuse."""

from django import forms

ADDRESS = forms.TextInput(attrs={"inputmode": "url", "placeholder": "example.com", "spellcheck": "false"})
