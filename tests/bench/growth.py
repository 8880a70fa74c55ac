"""How the register answers as it grows: every list of both doors by filters and orders, and what counts whole tables.

Measured at 10,000, 100,000 and 1,000,000 findings with everything else in proportion; drawn into docs/performance.md.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from statistics import median

from django.test import Client as Browser
from django.test.utils import setup_test_environment
from django.utils import timezone

from accounts.models import Membership, Role, Unit, User
from tests import listed
from tests.bench import filling, growing, growth_drawing, serving
from tests.bench.filling import Register
from tests.bench.measuring import Case, Client
from tests.bench.table import markdown
from tests.bench.who import as_browser, session, token

BASE = filling.Size(findings=10_000, servers=500, small_findings=20)
SIZES = (10_000, 100_000, 1_000_000)
GOAL = 1.3
# Two requests of a kind that differ by more are asked a third time, and the middle counts.
ALIKE = 1.15
# Below this the noise of a request is larger than what grows.
QUIET = 4.0
Headers = Mapping[str, str]


@dataclass
class Grown:
    """What one kind of request took at each size (the middle of two or three, in milliseconds)."""

    group: str
    name: str
    times: list[float] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """Return by how much the last size takes longer than the one before."""
        before, last = self.times[-2:]
        return max(last, QUIET) / max(before, QUIET)


class Asker:
    """Somebody who asks, how their requests say who they are, and what they ask."""

    def __init__(self, who: str, user: User, asks: Sequence[tuple[str, str, str]]) -> None:
        """Sign them in, at both doors."""
        self.who, self.asks = who, asks
        self.key: Headers = {"Authorization": f"Bearer {token(user)}"}
        self.cookies: Headers = {"Cookie": session(user)}


def measure() -> tuple[str, bool]:
    """Return the table of the curve, whose picture is drawn, and whether the goal is met."""
    # The lists are read off their pages, which say what they were made of there alone.
    setup_test_environment()
    register = filling.fill(now=timezone.now(), size=BASE, judged_by_steps=0)
    member = _member()
    people = [Asker(who, user, _asked(register, user)) for user, who in (
        (register.administrator, "administrator"), (member, "three units")
    )]  # fmt: skip
    found: dict[tuple[str, str], Grown] = {}
    for step, size in enumerate(SIZES):
        if step:
            growing.multiply(10, digit=step - 1)
        growing.settle()
        print(f"Asking {sum(len(one.asks) for one in people):,} questions of {size:,} findings ...", flush=True)
        for group, case in _timed(people):
            grown = found.setdefault((group, case[0]), Grown(group, case[0]))
            grown.times.append(case[1])
    kept = [one for one in found.values() if len(one.times) == len(SIZES)]
    for one in sorted(kept, key=lambda one: -one.growth):
        if one.growth > GOAL:
            print(f"{one.growth:5.2f} x  {' '.join(f'{time:7.1f}' for time in one.times)}  {one.group} {one.name}")
    growth_drawing.draw(SIZES, {group: _medians(rows) for group, rows in _groups(kept).items()})
    return _table(kept), all(one.growth <= GOAL for one in kept)


def _member() -> User:
    user = User.objects.create_user("three.units@example.org", "Three Units")
    for unit in Unit.objects.order_by("name")[:3]:
        Membership.objects.create(user=user, unit=unit, role=Role.ANALYST)
    return user


def _timed(people: Sequence[Asker]) -> Iterator[tuple[str, tuple[str, float]]]:
    with serving.gunicorn("riskregister.wsgi") as (port, _master):
        client = Client(port)
        for one in people:
            for group, name, path in one.asks:
                case = Case(name, path, one.key if path.startswith("/api/") else one.cookies)
                yield group, (f"{name} ({one.who})", _once(client, case))


def _asked(register: Register, user: User) -> list[tuple[str, str, str]]:
    """Return what is asked at each size: the list that it belongs to, its name, and its address.

    With the values of the first size: copies have the same, as often in proportion, and to count them takes minutes.
    """
    doors = _open_to(list(listed.doors(as_browser(register.administrator))), user)
    return [*chain.from_iterable(_of_a_door(door, user) for door in doors), *_single(register, user)]


def _of_a_door(door: listed.Door, user: User) -> Iterator[tuple[str, str, str]]:
    seen: Counter[str] = Counter()
    for question in listed.questions(door, user):
        # A page asks what the API asks of the same list: there each filter and each order by itself is enough.
        is_bound = question.filter in door.of.filters.ranges
        if not door.view and question.filter and not is_bound and question.order not in ("", door.orders[0]):
            continue
        # The most frequent value comes first.
        asked = f"{question.filter or 'all'}, by {question.order}"
        seen[asked] += 1
        yield door.path, f"{asked}, value {seen[asked]}" if question.filter else asked, question.path


def _single(register: Register, user: User) -> Iterator[tuple[str, str, str]]:
    if user != register.administrator:
        return
    vendor, server = register.finding.server.suppliers.get().vendor_id, register.finding.server_id  # type: ignore[union-attr]
    single = {
        "/": "Home", "/dashboard/": "Dashboard", "/api/v1/dashboard/": "Dashboard of the API",
        f"/vendors/{vendor}/findings/": "Findings of a vendor", f"/servers/{server}/findings/": "Findings of a server",
        f"/findings/{register.finding.pk}/": "Finding",
        f"/api/v1/findings/{register.finding.pk}/": "Finding of the API",
    }  # fmt: skip
    yield from (("Other pages", name, path) for path, name in single.items())


def _open_to(doors: Sequence[listed.Door], user: User) -> list[listed.Door]:
    browser: Browser = as_browser(user)
    key = {"Authorization": f"Bearer {token(user)}"}
    return [door for door in doors if browser.get(door.path, headers=key if door.view else {}).status_code == 200]


def _once(client: Client, case: Case) -> float:
    """Return the middle of two or three requests, after one that is not counted."""
    client.ask(case)
    times = [client.timed(case), client.timed(case)]
    if max(times) > ALIKE * min(times):
        times.append(client.timed(case))
    return median(times)


def _groups(rows: Sequence[Grown]) -> dict[str, list[Grown]]:
    found: dict[str, list[Grown]] = {}
    for row in rows:
        found.setdefault(row.group, []).append(row)
    return found


def _medians(rows: Sequence[Grown]) -> list[float]:
    return [median(row.times[i] for row in rows) for i in range(len(SIZES))]


def _table(rows: Sequence[Grown]) -> str:
    head = [
        "List",
        "Kinds of requests",
        *(f"p50 at {size:,}, ms" for size in SIZES),
        "Slowest at the last, ms",
        "Grew most",
    ]
    lines = []
    for group, kinds in _groups(rows).items():
        slowest, grown = max(kinds, key=lambda row: row.times[-1]), max(kinds, key=lambda row: row.growth)
        medians = [f"{one:.1f}" for one in _medians(kinds)]
        lines.append([
            f"`{group}`" if group.startswith("/") else group, str(len(kinds)), *medians,
            f"{slowest.times[-1]:.1f}: {slowest.name}", f"{grown.growth:.2f} ×: {grown.name}",
        ])  # fmt: skip
    met = sum(row.growth <= GOAL for row in rows)
    beside = f"{met} of {len(rows)} kinds of requests grew by no more than {GOAL} × from the second size to the third."
    return f"{beside}\n\n{markdown([head, *lines])}"
