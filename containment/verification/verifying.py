"""Is what is about to be deployed what the server's approval is of? Asked by pipelines, from a command and the API."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from containment.calls import deciding
from containment.verification import offering, pins
from containment.verification.pins import TOOLS, TOOLS_LIST, Check, Offered, Outcome, Pin
from decisions.models import Approval
from riskregister.refusals import Refused
from vendors.lockfiles.locked import LockFile
from vendors.models import Package, Release, Server
from vendors.naming import integrity
from vendors.naming.integrity import Digest, WrongForm

NOT_APPROVED = "not_approved"
_NO_TOOLS = "No tools of the approved release were captured."
_UNREADABLE = "The digest on record is in no known form."
_NOTHING_PINNED = "The approved release names neither a package nor captured tools, so that nothing can be compared."


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody would deploy: artefacts and lock files, of a release where they name it.

    `kinds` are the kinds of artefacts that they deploy, where they deploy not all that the release has; empty for all.
    """

    artefacts: tuple[Offered, ...] = ()
    lock_files: tuple[LockFile, ...] = ()
    release: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer; `why_not` says why agents may not use the server now, or not this release, and then nothing else is.

    `first_file` is the file that was given first, empty for none.
    """

    server: Server
    approval: Approval | None
    why_not: str
    checks: tuple[Check, ...]
    first_file: str = ""

    @property
    def outcome(self) -> str:
        """Return `not_approved`, or the worst outcome of a check."""
        return NOT_APPROVED if self.why_not else pins.worst(check.outcome for check in self.checks)

    @property
    def words(self) -> str:
        """Return the outcome as a sentence."""
        if self.why_not:
            return self.why_not
        return _WORDS[Outcome(self.outcome)] if self.checks else _NOTHING_PINNED

    @property
    def document(self) -> dict[str, Any]:
        """Return it as JSON says it."""
        approval = self.approval
        return {
            "outcome": self.outcome,
            "detail": self.words,
            "server": {"ref": self.server.ref, "name": self.server.name},
            "approval": approval and approval.ref,
            "release": approval and str(approval.release),
            "valid_until": approval and approval.valid_until and approval.valid_until.isoformat(),
            "checks": [_row(check) for check in self.checks],
        }


_WORDS = {
    Outcome.MATCH: "All of it is what was approved.",
    Outcome.UNKNOWN: "Not all of it is known to be what was approved.",
    Outcome.MISMATCH: "Something is not what was approved.",
}


def verify(server: Server, given: Given, *, now: datetime) -> Verification:
    """Return what comes of comparing with the server's approval of this moment. Writes nothing.

    Raises Refused for a kind that the approved release does not have.
    """
    files = [file.name for file in given.lock_files] + [one.where for one in given.artefacts]
    first = next(iter(files), "")
    approval = deciding.approved_now(Server.objects.filter(pk=server.pk), now=now).first()
    if approval is None:
        return Verification(server, None, deciding.why_not_approved(server, now=now), (), first)
    approved = approval.release
    if given.release and given.release != approved.version:
        why_not = f"Approved is release {approved}, not {given.release}."
        return Verification(server, approval, why_not, (), first)
    of = _wanted(list(_pins(approved)), given.kinds)
    offered = [*given.artefacts, *(one for file in given.lock_files for one in offering.entries(file, of))]
    return Verification(server, approval, "", pins.compare(of, offered), first)


def _wanted(of: Sequence[Pin], kinds: Sequence[str]) -> list[Pin]:
    has = sorted({pin.kind for pin in of})
    unknown = [kind for kind in kinds if kind not in has]
    if unknown:
        raise Refused(
            f"The approved release has no artefact of the kind {unknown[0][:60]!a}. It has {', '.join(has) or 'none'}.",
            field="kinds",
        )
    return [pin for pin in of if pin.kind in (kinds or has)]


def _pins(release: Release) -> Iterator[Pin]:
    """Yield what the approval is of; two ways to start one package are one artefact."""
    found = [_of_package(package) for package in release.packages.all()]
    yield from dict.fromkeys(found)
    if found or release.manifest_digest:
        digest = frozenset({Digest("sha256", release.manifest_digest)} if release.manifest_digest else ())
        yield Pin(TOOLS, TOOLS_LIST, "", digest, lacks=_NO_TOOLS)


def _of_package(package: Package) -> Pin:
    kind, name, version = package.registry_type, package.identifier, package.version
    stated_digests = [package.sha256, package.integrity]
    if kind == "oci":
        stated_digests.append(name.partition("@")[2])
        name, version = offering.image(name, version)
    try:
        digests = frozenset().union(*(integrity.read(text) for text in stated_digests if text))
    except WrongForm:
        return Pin(kind, offering.same_name(kind, name), version, frozenset(), lacks=_UNREADABLE)
    return Pin(kind, offering.same_name(kind, name), version, digests)


def _row(check: Check) -> dict[str, Any]:
    pin, one = check.pin, check.offered
    return {
        "outcome": check.outcome,
        "detail": check.words,
        "artefact": str(pin) if pin else (one.label if one else ""),
        "pinned": sorted(str(digest) for digest in pin.digests) if pin else [],
        "given": sorted(str(digest) for digest in one.digests) if one else [],
        "where": one.where if one else "",
        "line": one.line if one else 0,
    }
