"""Going once through what a source holds, in batches that name each record once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from feeds.containers import Broken
from feeds.kinds import Bad, Kind, Record, Source

BATCH = 500
# The names of all that were seen are held in memory, and what is in quarantine is shown.
_MOST, _MOST_BAD = 2_000_000, 50_000


@dataclass
class Batch:
    """Some records of a source, and what could not be read between them."""

    records: list[Record] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)

    def __len__(self) -> int:
        """Return how many records of the source these are."""
        return len(self.records) + len(self.bad)


class Walk:
    """One reading of a source; what it has seen by then can be asked at any time."""

    def __init__(self, kind: Kind, source: Source) -> None:
        """Begin before the first record."""
        self._kind, self._source = kind, source
        self.named: set[str] = set()
        self.bad: set[str] = set()
        self.mark = ""
        self.is_blind = False
        self._times: Counter[str] = Counter()

    def batches(self) -> Iterator[Batch]:
        """Yield all of it. Raises containers.Broken."""
        batch, keys = Batch(), set[str]()
        for one in self._kind.read(self._source):
            if len(batch) >= BATCH or (isinstance(one, Record) and one.key in keys):
                yield batch
                batch, keys = Batch(), set()
            if isinstance(one, Bad):
                batch.bad.append(self._noted(one))
            else:
                batch.records.append(self._seen(one))
                keys.add(one.key)
        if len(batch):
            yield batch

    def _seen(self, record: Record) -> Record:
        """Return it, with a mark on one whose name came before."""
        again = record.key in self.named
        self.named.add(record.key)
        self.mark = max(self.mark, record.mark)
        if len(self.named) > _MOST:
            raise Broken(f"It holds more than {_MOST:,} records.")
        return replace(record, is_again=True) if again else record

    def _noted(self, bad: Bad) -> Bad:
        """Return it under a name that it has alone in this source."""
        # What cannot be told from the record is not gone: nobody knows what it is.
        self.is_blind = self.is_blind or not bad.key
        if bad.key:
            self.named.add(bad.key)
        name = (bad.key or bad.name)[:280]
        self._times[name] += 1
        shown = name if self._times[name] == 1 else f"{name} ({self._times[name]})"
        self.bad.add(shown)
        if len(self.bad) > _MOST_BAD:
            raise Broken(f"More than {_MOST_BAD:,} of its records cannot be read.")
        return replace(bad, name=shown)
