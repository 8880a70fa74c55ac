"""Gathers what the templates are filled with: of the contracts in force, and of the units that a person sees."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from accounts import access
from accounts.models import Unit, User
from contracts.coverage import agreed, in_force, parties
from contracts.coverage.agreed import Statement
from contracts.models import Contract, LegalProfile, Service
from contracts.models.legal_profile import Financial
from exits.models import ExitPlan
from landscape.models import BusinessProcess, Substitutability, UseCaseProcess
from vendors.models import Deployment, Server, ServerSupplier, SubProcessor, Vendor

_FACT_ORDER = ("", "low", "moderate", "high", "severe")


@dataclass
class Covered:
    """One thing that a contract covers, for one of our units: a server, or a service in words.

    `service` is None where the contract names nothing, and so covers all that the vendor supplies.
    """

    contract: Contract
    unit: Unit | None
    service: Service | None = None
    server: Server | None = None

    @property
    def about(self) -> str:
        """Return what it is, in words."""
        return ", ".join(str(one) for one in (self.contract, self.server or self.service, self.unit) if one)

    @property
    def ict_service(self) -> str:
        """Return the type of ICT service, empty where nobody has said."""
        return self.service.ict_service if self.service else ""


@dataclass
class Gathered:
    """What the register of information of some units is made of, as of a day.

    `statements` is by the number of a contract what counts under each clause for what it covers.
    """

    maintainer: Unit | None
    units: list[Unit]
    contracts: list[Contract]
    statements: Mapping[object, Mapping[str, Statement]]
    today: date
    profiles: dict[UUID, LegalProfile] = field(default_factory=dict)

    @cached_property
    def covered(self) -> list[Covered]:
        """Return what each contract covers for each unit; of a server that is the server's own."""
        return [one for contract in self.contracts for one in self._covered(contract)]

    def _covered(self, contract: Contract) -> Iterator[Covered]:
        named, supplied = contract.services.all(), self.supplied.get(contract.vendor_id, ())
        for service in named:
            server = service.server
            if server is None or server.unit in self.units:
                yield Covered(contract, server.unit if server else contract.for_unit, service, server)
        if named:
            return
        mine = [one for one in supplied if contract.for_unit in (None, one.unit)]
        yield from (Covered(contract, server.unit, None, server) for server in mine)
        if not mine:
            yield Covered(contract, contract.for_unit)

    @cached_property
    def supplied(self) -> Mapping[UUID, list[Server]]:
        """Return by vendor the servers of these units that it stands behind and that are not out of use."""
        vendors = {one.vendor_id for one in self.contracts}
        rows = ServerSupplier.objects.filter(vendor__in=vendors, server__unit__in=self.units)
        rows = rows.exclude(server__status__in=Server.OUT_OF_USE).select_related("server__unit")
        found: dict[UUID, dict[UUID, Server]] = defaultdict(dict)
        for row in rows.order_by("server__number"):
            found[row.vendor_id][row.server_id] = row.server
        return {vendor: list(servers.values()) for vendor, servers in found.items()}

    @cached_property
    def vendors(self) -> dict[UUID, Vendor]:
        """Return whoever signs, and whoever stands behind them."""
        found = {one.vendor_id: one.vendor for one in self.contracts}
        for vendor in list(found.values()):
            found |= {used.pk: used for used, _by, _rank in self.behind(vendor)}
        return found

    @cached_property
    def uses(self) -> Mapping[UUID, list[Vendor]]:
        """Return by vendor whom it uses as a sub-processor."""
        uses: dict[UUID, list[Vendor]] = defaultdict(list)
        for row in SubProcessor.objects.select_related("used").order_by("used__name"):
            uses[row.vendor_id].append(row.used)
        return uses

    def behind(self, vendor: Vendor) -> Iterator[tuple[Vendor, Vendor, int]]:
        """Yield each sub-processor, who uses it, and its rank; one that is met again ends the chain."""
        seen, line = {vendor.pk}, [(vendor, 1)]
        for by, rank in line:
            for used in self.uses.get(by.pk, ()):
                if used.pk not in seen:
                    seen.add(used.pk)
                    line.append((used, rank + 1))
                    yield used, by, rank + 1

    @cached_property
    def codes(self) -> dict[Any, str]:
        """Return by vendor the LEI that a contract with it has, of several the latest."""
        return dict(Contract.objects.exclude(their_lei="").order_by("number").values_list("vendor_id", "their_lei"))

    @cached_property
    def costs(self) -> Mapping[UUID, dict[str, Any]]:
        """Return by vendor what its contracts cost a year, by currency."""
        costs: dict[UUID, dict[str, Any]] = defaultdict(dict)
        for one in self.contracts:
            if one.yearly_value is not None:
                costs[one.vendor_id][one.currency] = costs[one.vendor_id].get(one.currency, 0) + one.yearly_value
        return costs

    @cached_property
    def processes(self) -> list[BusinessProcess]:
        """Return what these units do."""
        rows = BusinessProcess.objects.standing().filter(unit__in=self.units)
        return list(rows.select_related("unit").order_by("number"))

    @cached_property
    def served(self) -> Mapping[UUID, list[BusinessProcess]]:
        """Return by server the processes of these units that stop with it."""
        by_pk = {one.pk: one for one in self.processes}
        needs = UseCaseProcess.objects.standing().filter(process__in=by_pk)
        links = needs.filter(use_case__served_by__deployment__ended_on=None)
        served: dict[UUID, list[BusinessProcess]] = defaultdict(list)
        pairs = links.order_by("process__number").values_list("use_case__served_by__deployment__server", "process")
        for server, process in dict.fromkeys(pairs):
            if server is not None:
                served[server].append(by_pk[process])
        return served

    def functions_of(self, one: Covered) -> list[str]:
        """Return the functions that stop with it."""
        return [function(process) for process in self.served.get(one.server.pk, ())] if one.server else []

    def is_critical(self, one: Covered) -> bool:
        """Return whether a critical function hangs on it, or might: what nobody judged is not taken for harmless."""
        served = self.served.get(one.server.pk, ()) if one.server else ()
        return one.contract.critical_function is not False or any(row.is_critical is not False for row in served)

    @cached_property
    def deployments(self) -> Mapping[UUID, list[Deployment]]:
        """Return by server its deployments that have not ended."""
        servers = [one.server.pk for one in self.covered if one.server]
        found: dict[UUID, list[Deployment]] = defaultdict(list)
        for row in Deployment.objects.filter(server__in=servers, ended_on=None):
            found[row.server_id].append(row)
        return found

    def worst(self, one: Covered, fact: str) -> str:
        """Return the worst of a fact over the deployments of a server; empty while one of them is not known."""
        rows = self.deployments.get(one.server.pk, ()) if one.server else ()
        values = [getattr(row, fact) for row in rows]
        return "" if not values or not all(values) else max(values, key=_FACT_ORDER.index)

    @cached_property
    def replaced(self) -> dict[Any, Substitutability]:
        """Return by server or vendor how easily it is replaced, where somebody said so."""
        vendors = [one.vendor_id for one in self.contracts]
        servers = [one.server.pk for one in self.covered if one.server]
        rows = [*Substitutability.objects.filter(vendor__in=vendors)]
        rows += Substitutability.objects.filter(server__in=servers)
        return {row.server_id or row.vendor_id: row for row in rows}

    @cached_property
    def with_exit_plan(self) -> set[UUID]:
        """Return the servers of which somebody wrote how they are left."""
        return set(ExitPlan.objects.filter(unit__in=self.units).values_list("server_id", flat=True))

    def lei(self, unit: Unit | None) -> str:
        """Return the LEI of a unit, empty where nobody gave it."""
        profile = self.profiles.get(unit.pk) if unit else None
        return profile.lei if profile else ""


def gather(person: User, *, maintainer: Unit | None, today: date) -> Gathered:
    """Return what the register of information is made of that a person sees, in statements whose number is bounded.

    `maintainer` is the unit whose legal entity hands it in.
    """
    units = list(access.visible_units(person))
    rows = Contract.objects.visible_to(person).live().select_related("vendor__parent", "parent", "for_unit")
    holding = in_force.on(rows.prefetch_related("services__server__unit").order_by("number"), today=today)
    statements = agreed.by_contract(in_force.papers(holding))
    profiles = {row.unit_id: row for row in LegalProfile.objects.filter(unit__in=units)}
    mine = [one for one in holding if not parties.is_for_unseen_unit(one, person)]
    return Gathered(maintainer, units, mine, statements, today, profiles)


def function(process: BusinessProcess) -> str:
    """Return what a process is called as a function: a letter and its number, as the regulation asks."""
    return f"F{process.number}"


def maintainer_for(person: User, *, asked: str = "") -> Unit | None:
    """Return the unit that hands it in: the first financial entity that the person sees, or any unit.

    Where one is asked for by its key that one, None unless the person sees it.
    """
    units = access.visible_units(person).order_by("name")
    if asked:
        return next((unit for unit in units if str(unit.pk) == asked), None)
    known = units.exclude(legal_profile=None).exclude(legal_profile__financial__in=(Financial.NONE, Financial.UNKNOWN))
    return known.first() or units.first()
