"""What a browser would send of a page: the form that holds a field, filled in as it is shown."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client

Sent = dict[str, list[str]]


def shown(page: Any, having: str) -> Sent:
    """Return the fields of the form with a field of this name, as they are filled in on the page."""
    reader = _Reader()
    reader.feed(page.content.decode())
    found = [form for form in reader.forms if having in form]
    assert len(found) == 1, f"{len(found)} forms have the field {having!r}"
    return found[0]


def version(client: Client, at: str) -> Sent:
    """Return the version that the form at an address was opened on, nothing where it cannot be opened or has none."""
    page = client.get(at)
    if page.status_code != 200 or 'name="version"' not in page.content.decode():
        return {}
    return {"version": shown(page, "version")["version"]}


class _Reader(HTMLParser):
    """Collects the fields of each form."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Sent] = []
        self._text = self._select = ""
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and attributes.get("name") and self.forms:
            is_choice = attributes.get("type") in ("radio", "checkbox")
            if not is_choice or "checked" in attributes:
                self._add(attributes["name"], attributes.get("value", "on" if is_choice else ""))
        elif tag == "textarea":
            self._text = attributes["name"]
            self._add(self._text, "")
        elif tag == "select":
            self._select, self._options = attributes["name"], []
        elif tag == "option" and self._select:
            self._options.append((attributes.get("value", ""), "selected" in attributes))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = ""
        elif tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected] or [self._options[0][0]]
            for value in chosen:
                self._add(self._select, value)
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._text:
            # A browser drops the first end of line, which Django writes.
            self.forms[-1][self._text][-1] += data.removeprefix("\n") if not self.forms[-1][self._text][-1] else data

    def _add(self, name: str, value: str) -> None:
        if self.forms:
            self.forms[-1].setdefault(name, []).append(value)
