"""Tags of the assessment pages."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from assessments.models import Answer
from catalogue.models import Question
from evidence.models import Evidence
from scoring import deadlines
from web.assessments.answer_rows import EvidenceLine
from web.forms.assessments.answers import Typed

register = template.Library()


@register.filter
def of(rows: Mapping[Any, Any], key: Any) -> Any:
    """Return the entry of a mapping, or None."""
    return rows.get(key)


@register.filter
def worded(typed: Typed, question: Question) -> str:
    """Return a typed answer as people read it."""
    if typed.option_key:
        texts = {option.key: option.text for option in question.options.all()}
        return texts.get(typed.option_key, "An answer that is not offered")
    return dict(Answer.Choice.choices).get(typed.choice, "No answer")


@register.filter
def exact(value: Fraction | None) -> str:
    """Return an exact number as it is printed for recomputing, e.g. "875/13"."""
    return "–" if value is None else str(value)


@register.filter
def as_day(written: str) -> str:
    """Return a day of a frozen record as pages write it."""
    return deadlines.written(date.fromisoformat(written))


@register.filter
def with_code(text: str) -> SafeString:
    """Return a text of the question set with what stands between backticks as code; all of it escaped."""
    parts = enumerate(text.split("`"))
    return format_html_join("", "{}", ((format_html("<code>{}</code>", part) if i % 2 else part,) for i, part in parts))


@register.simple_tag
def evidence_url(item: EvidenceLine) -> str:
    """Return where a piece of evidence opens for somebody who may see it, else an empty text."""
    if not item.is_visible:
        return ""
    link = item.evidence.kind == Evidence.Kind.LINK
    return item.evidence.url if link else reverse("web:evidence-detail", args=[item.evidence.pk])
