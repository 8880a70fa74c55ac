"""How rows are searched: by number, and by words in any script, whatever their case, the same on both engines.

Left alone, SQLite knows the case of ASCII letters only, and PostgreSQL that of its locale, which is ASCII again where
the locale is C. Here both use the tables of Unicode; "ß" is found as "SS".
"""

import unicodedata
from collections.abc import Iterable
from typing import Any, cast

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Lookup, Model, Q, TextField

from riskregister.nouns import Noun, card
from riskregister.queries import narrowing

_FUNCTION = "riskregister_folded"
# Of a trigram.
_LETTERS = 3
Sql = tuple[str, tuple[Any, ...]]


def folded(text: str | None) -> str | None:
    """Return the text with one case for all letters. Lower case first: "ẞ" has no other way to "SS"."""
    if text is None or text.isascii():
        return text and text.upper()
    return text.lower().upper()


def in_sql(column: str, connection: Any) -> str:
    """Return what PostgreSQL makes the same of a column.

    Its own collation with the tables of Unicode came with PostgreSQL 18; before, those of ICU have them, with which
    all packages of PostgreSQL are built.
    """
    collation = "pg_unicode_fast" if connection.pg_version >= 180_000 else "und-x-icu"
    return f'UPPER(LOWER({column} COLLATE "{collation}"))'


def on_connection(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Give a new connection of SQLite the function (signal receiver)."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(_FUNCTION, 1, folded, deterministic=True)


class _Folding(Lookup):
    """Compares a text without its case."""

    def get_prep_lookup(self) -> str:
        """Return the words as texts of the register are written: composed."""
        return unicodedata.normalize("NFC", str(super().get_prep_lookup()))


@CharField.register_lookup
@TextField.register_lookup
class Holds(_Folding):
    """`title__holds=words`: the words stand somewhere in the text; one or two ASCII letters begin a word of it.

    An index of trigrams knows where a word begins, and nothing else that is shorter than three letters. Scripts that
    write no spaces are looked for anywhere, however short.
    """

    lookup_name = "holds"

    @property
    def begins_a_word(self) -> bool:
        """Return whether the words are so short that they are looked for where a word begins."""
        return len(self.rhs) < _LETTERS and self.rhs.isascii()

    def as_sqlite(self, compiler: Any, connection: Any) -> Sql:
        """Return the condition."""
        column, params = self.process_lhs(compiler, connection)
        if self.begins_a_word:
            return f"INSTR(' ' || {_FUNCTION}({column}), %s) > 0", (*params, f" {folded(self.rhs)}")
        return f"INSTR({_FUNCTION}({column}), %s) > 0", (*params, folded(self.rhs))

    def as_postgresql(self, compiler: Any, connection: Any) -> Sql:
        """Return the condition, in the words that the indexes of riskregister.queries.trigrams have."""
        column, params = self.process_lhs(compiler, connection)
        words = connection.ops.prep_for_like_query(self.rhs)
        patterns = [f"{words}%", f"% {words}%"] if self.begins_a_word else [f"%{words}%"]
        like = f"{in_sql(column, connection)} LIKE {in_sql('%s::text', connection)}"
        joined = " OR ".join([like] * len(patterns))
        return f"({joined})", tuple(given for pattern in patterns for given in (*params, pattern))


@CharField.register_lookup
@TextField.register_lookup
class Reads(_Folding):
    """`name__reads=words`: the text is these words."""

    lookup_name = "reads"

    def as_sqlite(self, compiler: Any, connection: Any) -> Sql:
        """Return the condition."""
        column, params = self.process_lhs(compiler, connection)
        return f"{_FUNCTION}({column}) = %s", (*params, folded(self.rhs))

    def as_postgresql(self, compiler: Any, connection: Any) -> Sql:
        """Return the condition."""
        column, params = self.process_lhs(compiler, connection)
        return f"{in_sql(column, connection)} = {in_sql('%s::text', connection)}", (*params, self.rhs)


def by_number(value: str, noun: Noun) -> Q:
    """Return the condition that a record has the number that somebody typed, e.g. "V-12" or "12"; else none has it."""
    number = noun.number_in(value)
    return Q(pk__in=[]) if number is None else Q(number=number)


def with_words(model: type[Model], value: str, *, also: Iterable[str] = ()) -> Q:
    """Return the condition that the number of a row, or the words that its card names, hold the value."""
    noun = card(model)
    found = by_number(value, noun) if noun.prefix else Q(pk__in=[])
    for path in (*noun.words, *also):
        found |= _holding(model, path, value)
    return found


def _holding(model: type[Model], path: str, value: str) -> Q:
    relation, _, rest = path.partition("__")
    if not rest:
        return Q(**{f"{path}__holds": value})
    near = cast(type[Model], model._meta.get_field(relation).related_model)
    return narrowing.behind(relation, near._base_manager.all(), _holding(near, rest, value))
