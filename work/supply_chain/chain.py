"""The chain behind what agents do: use case, model, server, who stands behind it, and whom those use; each link judged
or not.

A vendor is judged by an assessment of itself, a server by its own, for as long as each counts. Whoever comes again
further down, as in a circle of sub-processors, is drawn once, and the chain ends there. What is not drawn is said.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from assessments import suppliers
from assessments.suppliers import Judgement, Standing
from decisions.approvals import decision_window
from landscape.lists import model_of
from landscape.models import UseCase, UseCaseDeployment
from riskregister import looks
from riskregister.plurals import counted
from scoring import methodology
from scoring.deadlines import is_past
from vendors.models import Server, ServerSupplier, SubProcessor, Vendor
from work.supply_chain.dependencies import Map, Node

USE_CASE, MODEL, SERVER, UPSTREAM, HOST = "use case", "model", "server", "upstream", "host"
SUB, FURTHER = "sub-processor", "further"
COLUMNS: Mapping[str, str] = {
    USE_CASE: "Use case",
    MODEL: "Model",
    SERVER: "Server",
    UPSTREAM: "Publisher, upstream",
    HOST: "Host",
    SUB: "Sub-processor",
    FURTHER: "Further behind",
}
# What a link says in the table, by where it leads.
HEADINGS = ("From", "To", "As", "Judged")
# So many use cases and servers are drawn.
DRAWN = 12
_LOOKS = "judged"
# Below the box of a model of which no vendor is on record.
NOBODY = "nobody knows whose"
_Row = TypeVar("_Row", bound=Model)


@dataclass(slots=True)
class Chain(Map):
    """A map whose lines all lead to the right, and the links that do not: back in a circle, or within a column.

    `left_out` says in sentences what there is besides.
    """

    others: list[tuple[Node, Node, str]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def of_server(server: Server, user: Any, *, today: date) -> Chain:
    """Return the chain of one server: the use cases that the person sees, their models, and who stands behind it."""
    links = UseCaseDeployment.objects.filter(deployment__server=server, deployment__ended_on__isnull=True)
    mine = UseCase.objects.visible_to(user).standing().filter(pk__in=links.values("use_case"))
    drawn = Chain()
    box = _server(server, today=today)
    for use_case in _first(drawn, mine.select_related("model_vendor").order_by("name", "number"), "use case"):
        _put_use_case(drawn, use_case, before=[box], today=today)
    drawn.put(box)
    _put_behind(drawn, [server], today=today)
    return drawn


def of_use_case(use_case: UseCase, user: Any, *, today: date) -> Chain:
    """Return the chain of one use case: its model, and the servers that it works with, with who stands behind them."""
    current = use_case.served_by.filter(deployment__ended_on__isnull=True)
    rows = Server.objects.visible_to(user).filter(pk__in=current.values("deployment__server"))
    drawn = Chain()
    ordered = rows.select_related("rating__assessment").order_by("inherent_tier", "title", "number")
    servers = _first(drawn, ordered, "server")
    _put_use_case(drawn, use_case, before=[_server(one, today=today) for one in servers], today=today)
    _put_behind(drawn, servers, today=today)
    return drawn


def rows(drawn: Chain) -> list[tuple[str, str, str, str]]:
    """Return the links as the rows of a table: from what, to what, as what, and whether that was judged."""
    links = [(drawn.nodes[one], drawn.nodes[to], drawn.nodes[to].sub) for one, to in drawn.edges]
    return [(one.name, to.name, words, _judged(to)) for one, to, words in (*links, *drawn.others)]


def _first(drawn: Chain, found: "QuerySet[_Row]", word: str) -> list[_Row]:
    """Return the rows that are drawn, and note how many are not."""
    some = list(found[: DRAWN + 1])
    if len(some) > DRAWN:
        drawn.left_out.append(f"Not drawn: {counted(found.count() - DRAWN, f'further {word}')}.")
    return some[:DRAWN]


def _judged(node: Node) -> str:
    return looks.word(node.looks, node.state) if node.looks else "Nobody judges it"


def _put_use_case(drawn: Chain, use_case: UseCase, *, before: Sequence[Node], today: date) -> None:
    box = drawn.put(Node(USE_CASE, str(use_case.pk), use_case.name, use_case.ref))
    vendor = use_case.model_vendor
    standing = suppliers.judgement(vendor, today=today).standing if vendor else Standing.NEVER
    model = model_of(use_case) or "Model not known"
    by = vendor.name if vendor else NOBODY
    # A model of one vendor that several use cases name is one box.
    key = f"{vendor.pk if vendor else use_case.pk}:{model}"
    of = drawn.put(Node(MODEL, key, model, by, _LOOKS, standing.value), behind=box)
    for server in before:
        drawn.put(server, behind=of)


def _server(server: Server, *, today: date) -> Node:
    sub = f"{server.ref} · tier {server.inherent_tier}"
    return Node(SERVER, str(server.pk), server.title, sub, _LOOKS, _standing(server, today=today).value)


def _standing(server: Server, *, today: date) -> Standing:
    rating = getattr(server, "rating", None)
    final = rating.assessment if rating is not None else None
    if final is None or final.submitted_at is None:
        return Standing.NEVER
    until = decision_window.count_until(final.submitted_at, tier=server.inherent_tier, method=methodology.load())
    return Standing.TOO_OLD if is_past(until, today=today) else Standing.JUDGED


def _put_behind(drawn: Chain, servers: Sequence[Server], *, today: date) -> None:
    """Put who stands behind servers into the map, each once, in the column of the first role, and whom those use."""
    supplies = list(ServerSupplier.objects.filter(server__in=servers).select_related("vendor").order_by("pk"))
    used = _used(drawn, [one.vendor_id for one in supplies])
    judged = _judgements({*(one.vendor_id for one in supplies), *(row.used_id for row in used)}, today=today)
    boxes = {str(server.pk): _server(server, today=today) for server in servers}
    known: dict[UUID, Node] = {}
    for one in supplies:
        # The host stands behind what runs on it; with several roles a vendor stands where it is nearest.
        column = HOST if one.role == ServerSupplier.SupplierRole.HOST else UPSTREAM
        node = known.setdefault(one.vendor_id, _vendor(column, judged[one.vendor_id], one.get_role_display().lower()))
        drawn.put(node, behind=boxes[str(one.server_id)])
    _put_used(drawn, used, known, judged)


def _put_used(
    drawn: Chain, used: Iterable[SubProcessor], known: dict[UUID, Node], judged: Mapping[UUID, Judgement]
) -> None:
    """Put whom vendors use into the map; who is there already is drawn once, and the link is told in words."""
    order = list(COLUMNS)
    for row in used:
        user = known[row.vendor_id]
        node = known.get(row.used_id)
        if node is None:
            column = FURTHER if user.kind in (SUB, FURTHER) else SUB
            node = known[row.used_id] = drawn.put(_vendor(column, judged[row.used_id], row.purpose))
        if order.index(user.column) < order.index(node.column):
            drawn.put(node, behind=user)
        else:
            drawn.others.append((user, node, f"{row.purpose} (drawn once, without a line)"))


def _used(drawn: Chain, vendors: Iterable[UUID]) -> list[SubProcessor]:
    """Return whom vendors use, and whom those use, layer by layer; a circle ends where it comes back. That there are
    further ones is noted.
    """
    found: list[SubProcessor] = []
    near = set(vendors)
    seen = set(near)
    for _ in range(suppliers.DEPTH):
        found += (layer := list(SubProcessor.objects.filter(vendor__in=near).order_by("used__name", "pk")))
        near = {row.used_id for row in layer} - seen
        seen |= near
    if SubProcessor.objects.filter(vendor__in=near).exclude(used__in=seen).exists():
        drawn.left_out.append("Not drawn: further sub-processors behind these.")
    return found


def _judgements(keys: Iterable[UUID], *, today: date) -> dict[UUID, Judgement]:
    vendors = Vendor.objects.filter(pk__in=list(keys)).order_by("name")
    return {one.vendor.pk: one for one in suppliers.judgements(vendors, today=today)}


def _vendor(column: str, judgement: Judgement, sub: str) -> Node:
    return Node(column, str(judgement.vendor.pk), judgement.vendor.name, sub, _LOOKS, judgement.standing.value)
