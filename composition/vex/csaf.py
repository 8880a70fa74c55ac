"""Reads CSAF 2.0 and 2.1: what its product status says of the products in its tree."""

from collections.abc import Iterator, Mapping
from typing import Any

from composition import osv_fields as fields
from composition.osv_fields import RecordInvalid
from composition.vex import gathering, openvex, stated
from composition.vex.stated import Document, Justification, Package, Rejected, Stated, Status

VERSIONS = ("2.0", "2.1")
_MOST = 10_000
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
    reader = _Reader(_products(document), _groups(document))
    statements, rejected = gathering.gather(
        ((f"vulnerabilities[{index}]", entry) for index, entry in enumerate(entries)),
        reader.read,
        name=lambda entry: entry.get("cve"),
    )
    return Document(
        form=form,
        name=gathering.text(tracking, "id", "document.tracking"),
        author=author,
        version=gathering.text(tracking, "version", "document.tracking")[:20],
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


def _groups(document: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return by the ids of groups the ids of the products in each."""
    tree, at = fields.part(document, "product_tree", "product_tree"), "product_tree.product_groups"
    rows = [one for one in fields.entries(tree, "product_groups", at, _MOST) if isinstance(one, dict)]
    return {str(one.get("group_id")): fields.entries(one, "product_ids", f"{at}.product_ids", _MOST) for one in rows}


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

    def __init__(self, products: Mapping[str, Product], groups: Mapping[str, list[Any]]) -> None:
        self._products, self._groups = products, groups

    def read(self, entry: Mapping[str, Any], place: str) -> Iterator[Stated | Rejected]:
        """Yield a statement for each product, by what is said of it. Raises RecordInvalid."""
        ids = [one.get("text") for one in fields.entries(entry, "ids", f"{place}.ids", 50) if isinstance(one, dict)]
        names = stated.names([one for one in (entry.get("cve"), *ids) if one], f"{place}.cve")
        groups = fields.part(entry, "product_status", f"{place}.product_status")
        for key, status in _STATUS.items():
            at = f"{place}.product_status.{key}"
            for product in fields.entries(groups, key, at, _MOST):
                try:
                    yield self._stated(entry, str(product), names=names, status=status, place=at)
                except RecordInvalid as error:
                    yield gathering.reject(at, names[0], error)
        if not groups:
            raise RecordInvalid(f"{place}.product_status: It names a vulnerability, and says nothing of products.")

    def _stated(
        self, entry: Mapping[str, Any], product: str, *, names: tuple[str, ...], status: Status, place: str
    ) -> Stated:
        is_fine = status is Status.NOT_AFFECTED
        return Stated(
            place=place,
            names=names,
            packages=(self._package(product, place),),
            status=status,
            justification=self._flag(entry, product) if is_fine else None,
            impact=self._impact(entry, product) if is_fine else "",
            action="" if is_fine else self._details(entry, "remediations", product),
        )

    def _package(self, product: str, at: str) -> Package:
        purl, within = self._products.get(product, ("", ""))
        if not purl:
            raise RecordInvalid(f"{at}: The product {ascii(product)[:80]} has no package URL in the tree of products.")
        return stated.package(purl, at, within=within)

    def _flag(self, entry: Mapping[str, Any], product: str) -> Justification | None:
        for one in self._of_product(entry, "flags", product):
            return openvex.justification(one.get("label"), "flags")
        return None

    def _impact(self, entry: Mapping[str, Any], product: str) -> str:
        said = self._details(entry, "threats", product, category="impact")
        return "" if said.lower() in _RATINGS else said

    def _details(self, entry: Mapping[str, Any], key: str, product: str, *, category: str = "") -> str:
        several = self._of_product(entry, key, product)
        said = [one for one in several if not category or one.get("category") == category]
        return " ".join(dict.fromkeys(gathering.text(one, "details", key) for one in said))

    def _of_product(self, entry: Mapping[str, Any], key: str, product: str) -> Iterator[Mapping[str, Any]]:
        """Yield what is said of a product by its id, by a group that it is in, or of all: it names none."""
        for one in fields.entries(entry, key, key, _MOST):
            if not isinstance(one, dict):
                continue
            ids, groups = (one.get(name) for name in ("product_ids", "group_ids"))
            grouped = [self._groups.get(str(group), []) for group in groups] if isinstance(groups, list) else []
            named = [ids, *grouped] if isinstance(ids, list) else grouped
            if any(product in some for some in named) if named else not (ids or groups):
                yield one
