"""Work in the hands of a handler without a row in the job table: nobody else finds it promised."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from riskregister.ids import uuid7


@dataclass
class InHand:
    """What a handler sees of its job."""

    payload: dict[str, Any] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid7)

    def finish(self) -> AbstractContextManager[None]:
        """Open the transaction that holds its effects."""
        return transaction.atomic()

    def report(self, progress: int, note: str = "") -> None:
        """Show nobody how far it is."""
