"""Reads CSAF 2.0 and 2.1: what its product status says of the products in its tree."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from composition.advisories import osv_fields as fields
from composition.advisories.osv_fields import RecordInvalid
from composition.vex import gathering, openvex, stated
from composition.vex.stated import Document, Justification, Package, Rejected, Stated, Status

VERSIONS = ("2.0", "2.1")
_MOST = 10_000
# Remediations, threats or flags of one product, and its groups; real ones have five of each.
_MOST_OF_ONE, _MOST_GROUPS = 1_000, 100
_STATUS = {
    "known_not_affected": Status.NOT_AFFECTED,
    "known_affected": Status.AFFECTED,
    "first_affected": Status.AFFECTED,
    "last_affected": Status.AFFECTED,
    "fixed": Status.FIXED,
    "first_fixed": Status.FIXED,
    "under_investigation": Status.UNDER_INVESTIGATION,
}
# How severe it is, which some write where the impact belongs: no reason why something is not affected.
_RATINGS = frozenset({"critical", "important", "moderate", "low", "high", "medium", "none"})
Product = tuple[str, str]


def is_one(document: Mapping[str, Any]) -> bool:
    """Return whether a document says that it is CSAF."""
    head = document.get("document")
    return isinstance(head, dict) and "csaf_version" in head


def read(document: Mapping[str, Any]) -> Document:
    """Return what a document says. Raises VexInvalid."""
    head = document["document"]
    version = head.get("csaf_version")
    if version not in VERSIONS:
        raise gathering.refuse("document.csaf_version", f"Versions 2.0 and 2.1 are read; not {ascii(version)[:20]}.")
    entries = document.get("vulnerabilities")
    if not isinstance(entries, list) or not entries:
        raise gathering.refuse("vulnerabilities", "The document says nothing of any vulnerability. Give one that does.")
    return gathering.of_document(lambda: _read(document, head, entries, f"CSAF {version}"))  # type: ignore[no-any-return]


def _read(document: Mapping[str, Any], head: Mapping[str, Any], entries: list[Any], form: str) -> Document:
    publisher = fields.part(head, "publisher", "document.publisher")
    author = gathering.text(publisher, "name", "document.publisher")
    if not author:
        raise RecordInvalid("document.publisher.name: This is required: a word is worth what its author is. Add it.")
    tracking = fields.part(head, "tracking", "document.tracking")
    reader = _Reader(_products(document), _groups_of(document))
    statements, rejected = gathering.gather(
        ((f"vulnerabilities[{index}]", entry) for index, entry in enumerate(entries)),
        reader.read,
        name=lambda entry: entry.get("cve"),
    )
    return Document(
        form=form,
        name=gathering.text(tracking, "id", "document.tracking"),
        author=author,
        version=gathering.text(tracking, "version", "document.tracking")[: gathering.LONGEST_VERSION],
        issued_at=gathering.moment(tracking, "initial_release_date", "document.tracking"),
        changed_at=gathering.moment(tracking, "current_release_date", "document.tracking"),
        statements=statements,
        rejected=rejected,
    )


def _products(document: Mapping[str, Any]) -> dict[str, Product]:
    """Return by the ids of products the package URL of each and the one that it is a part of."""
    tree = fields.part(document, "product_tree", "product_tree")
    found = {key: (purl, "") for key, purl in _of_branch(tree, "product_tree")}
    for one in fields.entries(tree, "relationships", "product_tree.relationships", _MOST):
        whole = one.get("full_product_name", {}) if isinstance(one, dict) else {}
        key = whole.get("product_id") if isinstance(whole, dict) else None
        if isinstance(key, str):
            part, _ = found.get(str(one.get("product_reference")), ("", ""))
            within = str(one.get("relates_to_product_reference", ""))
            found[key] = (part, found.get(within, ("", ""))[0] or within)
    return found


def _groups_of(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return by the ids of products the ids of the groups that each is in."""
    tree, at = fields.part(document, "product_tree", "product_tree"), "product_tree.product_groups"
    found: dict[str, list[str]] = defaultdict(list)
    for one in fields.entries(tree, "product_groups", at, _MOST):
        products = fields.entries(one, "product_ids", f"{at}.product_ids", _MOST) if isinstance(one, dict) else []
        for product in dict.fromkeys(map(str, products)):
            found[product].append(str(one.get("group_id")))
            if len(found[product]) > _MOST_GROUPS:
                raise RecordInvalid(f"{at}: The product {ascii(product)[:80]} is in more than {_MOST_GROUPS} groups.")
    return found


def _of_branch(branch: Mapping[str, Any], at: str) -> Iterator[tuple[str, str]]:
    products = [branch.get("product"), *fields.entries(branch, "full_product_names", f"{at}.full_product_names", _MOST)]
    for product in products:
        if isinstance(product, dict) and isinstance(product.get("product_id"), str):
            yield product["product_id"], _purl(product, at)
    for index, inner in enumerate(fields.entries(branch, "branches", f"{at}.branches", _MOST)):
        if isinstance(inner, dict):
            yield from _of_branch(inner, f"{at}.branches[{index}]")


def _purl(product: Mapping[str, Any], at: str) -> str:
    helper = fields.part(product, "product_identification_helper", at)
    # Of 2.1: several, which name one product.
    several = fields.entries(helper, "purls", f"{at}.purls", _MOST)
    return gathering.text(helper, "purl", at) or next((one for one in several if isinstance(one, str)), "")


class _Reader:
    """Reads the vulnerabilities of one document, which refer to products by their ids, and by those of groups."""

    def __init__(self, products: Mapping[str, Product], groups_of: Mapping[str, Sequence[str]]) -> None:
        self._products, self._groups_of = products, groups_of

    def read(self, entry: Mapping[str, Any], place: str) -> Iterator[Stated | Rejected]:
        """Yield a statement for each product, by what is said of it. Raises RecordInvalid."""
        ids = [one.get("text") for one in fields.entries(entry, "ids", f"{place}.ids", 50) if isinstance(one, dict)]
        names = stated.names([one for one in (entry.get("cve"), *ids) if one], f"{place}.cve")
        groups = fields.part(entry, "product_status", f"{place}.product_status")
        about, is_stated = _About(entry, self._groups_of), False
        for key, status in _STATUS.items():
            at = f"{place}.product_status.{key}"
            for product in fields.entries(groups, key, at, _MOST):
                is_stated = True
                try:
                    yield self._stated(about, str(product), names=names, status=status, place=at)
                except RecordInvalid as error:
                    yield gathering.reject(at, names[0], error)
        if not is_stated:
            raise RecordInvalid(f"{place}.product_status: It names a vulnerability, and says nothing of products.")

    def _stated(self, about: "_About", product: str, *, names: tuple[str, ...], status: Status, place: str) -> Stated:
        is_fine = status is Status.NOT_AFFECTED
        return Stated(
            place=place,
            names=names,
            packages=(self._package(product, place),),
            status=status,
            justification=about.flag(product) if is_fine else None,
            impact=about.impact(product) if is_fine else "",
            action="" if is_fine else about.details("remediations", product),
        )

    def _package(self, product: str, at: str) -> Package:
        purl, within = self._products.get(product, ("", ""))
        if not purl:
            raise RecordInvalid(f"{at}: The product {ascii(product)[:80]} has no package URL in the tree of products.")
        return stated.package(purl, at, within=within)


class _About:
    """What a vulnerability says beside the status of products: by their ids, by those of groups, or of all.

    It is kept by whom it names, since a list of 10,000 for each of 10,000 products would be gone through for hours.
    """

    def __init__(self, entry: Mapping[str, Any], groups_of: Mapping[str, Sequence[str]]) -> None:
        self._entry, self._groups_of = entry, groups_of
        self._kept: dict[str, _Named] = {}

    def flag(self, product: str) -> Justification | None:
        """Return why the product is not affected by its word. Raises RecordInvalid."""
        for one in self._of(product, "flags"):
            return openvex.justification(one.get("label"), "flags")
        return None

    def impact(self, product: str) -> str:
        """Return why it is not in words. Raises RecordInvalid."""
        impact = self.details("threats", product, category="impact")
        return "" if impact.lower() in _RATINGS else impact

    def details(self, key: str, product: str, *, category: str = "") -> str:
        """Return what a list says of it in words. Raises RecordInvalid."""
        several = self._of(product, key)
        rows = [one for one in several if not category or one.get("category") == category]
        words = " ".join(dict.fromkeys(gathering.text(one, "details", key) for one in rows))
        if len(words) > stated.LONGEST_TEXT:
            raise RecordInvalid(f"{key}: They say more than {stated.LONGEST_TEXT:,} characters of one product.")
        return words

    def _of(self, product: str, key: str) -> Iterator[Mapping[str, Any]]:
        """Yield what a list says of a product, in its order."""
        if key not in self._kept:
            self._kept[key] = _named(fields.entries(self._entry, key, key, _MOST))
        kept = self._kept[key]
        groups = (kept.by_group.get(group, ()) for group in self._groups_of.get(product, ()))
        found = sorted({*kept.of_all, *kept.by_product.get(product, ()), *chain.from_iterable(groups)})
        if len(found) > _MOST_OF_ONE:
            raise RecordInvalid(f"{key}: {len(found):,} are of one product; {_MOST_OF_ONE:,} are read at most.")
        return (kept.entries[index] for index in found)


class _Named(NamedTuple):
    """The entries of a list, and by whom they name where in it they are."""

    entries: Sequence[Any]
    of_all: Sequence[int]
    by_product: Mapping[str, Sequence[int]]
    by_group: Mapping[str, Sequence[int]]


def _named(entries: Sequence[Any]) -> _Named:
    of_all: list[int] = []
    by_product: dict[str, list[int]] = defaultdict(list)
    by_group: dict[str, list[int]] = defaultdict(list)
    for index, one in enumerate(entries):
        if not isinstance(one, dict):
            continue
        products, groups = one.get("product_ids"), one.get("group_ids")
        # An empty list names nobody.
        if products is None and groups is None:
            of_all.append(index)
        for ids, found in ((products, by_product), (groups, by_group)):
            for name in dict.fromkeys(map(str, ids)) if isinstance(ids, list) else ():
                found[name].append(index)
    return _Named(entries, of_all, by_product, by_group)
