"""What a body may hold: strict types, no unknown fields, and references that start from what the caller may see."""

from datetime import UTC
from typing import Any, NoReturn
from uuid import UUID

from django.db.models import Model
from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from api.errors import UNKNOWN_REFERENCE
from riskregister import nouns
from riskregister.text import TEXT_LIMIT


class Text(serializers.CharField):
    """A text; numbers and truth values are none. What it may say is for the step to judge."""

    def __init__(self, **how: Any) -> None:
        """Allow the empty text unless told otherwise: the step knows better why it must not be."""
        super().__init__(**{"allow_blank": True, "trim_whitespace": False, "max_length": TEXT_LIMIT} | how)

    def to_internal_value(self, data: Any) -> str:
        """Return the text. Raises ValidationError for anything else."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """True or false, not a word for it."""

    def to_internal_value(self, data: Any) -> bool:
        """Return the truth value. Raises ValidationError for anything else."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Whole(serializers.IntegerField):
    """A whole number, not the text of one."""

    def to_internal_value(self, data: Any) -> int:
        """Return the number. Raises ValidationError for anything else."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """One of some words; what is refused is told which there are."""

    default_error_messages = {"invalid_choice": "“{input}” is none of: {choices}."}

    def fail(self, key: str, **how: Any) -> NoReturn:
        """Raise the error of that key."""
        super().fail(key, **how, choices=", ".join(map(str, self.choices)))


class Moment(serializers.DateTimeField):
    """An instant, written in UTC."""

    def __init__(self, **how: Any) -> None:
        """Write it in UTC, whatever zone the organisation lives in."""
        super().__init__(**{"default_timezone": UTC} | how)


class Known(serializers.UUIDField):
    """The id of a row that the caller may see; a row of somebody else's looks like one that is not there."""

    def __init__(self, model: type[Model], **how: Any) -> None:
        """Keep what it refers to."""
        self.model = model
        super().__init__(**how)

    def to_internal_value(self, data: Any) -> Any:
        """Return the row. Raises ValidationError for what is no id, or the id of nothing that can be seen."""
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        key: UUID = super().to_internal_value(data)
        row = nouns.visible_rows(nouns.card(self.model), self.context["request"].user).filter(pk=key).first()
        if row is None:
            raise ValidationError("There is no such row, or none that you may see.", code=UNKNOWN_REFERENCE)
        return row


class Body(serializers.Serializer[Any]):
    """What an endpoint takes; it refuses fields that it does not know, by name."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values. Raises ValidationError for unknown fields before it looks at the others."""
        if not isinstance(data, dict | QueryDict):
            raise ValidationError({"non_field_errors": ["Send an object."]})
        known = [name for name, field in self.fields.items() if not field.read_only]
        unknown = [name for name in data if name not in known]
        if unknown:
            allowed = f"Allowed are: {', '.join(known)}." if known else "This step takes none."
            sentence = ErrorDetail(f"There is no such field. {allowed}", code="unknown_field")
            raise ValidationError({name[:60]: [sentence] for name in unknown[:20]})
        return super().to_internal_value(data)


class Nothing(Body):
    """The body of a step that needs none."""


class Reason(Body):
    """Why."""

    reason = Text()


class OptionalReason(Body):
    """Why, if there is something to say."""

    reason = Text(required=False)


class Note(Body):
    """What was seen, or why."""

    note = Text()


class OptionalNote(Body):
    """What was seen, if there is something to say."""

    note = Text(required=False)
