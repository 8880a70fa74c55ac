"""The facts about a server that decide which questions apply; an unknown fact is None and excludes nothing."""

from vendors.models import Deployment, Fact, Package, Release, Remote, Server, ServerSupplier

_STRONG = {Fact.HIGH, Fact.SEVERE}


def gather(server: Server, release: Release) -> dict[str, bool | None]:
    """Return the facts of `applicability.FACTS` for a server at a release, as far as the register knows them."""
    packages, remotes = list(release.packages.all()), list(release.remotes.all())
    tools, deployments = list(release.tools.all()), list(server.deployments.filter(ended_on__isnull=True))
    described = bool(packages or remotes)
    return {
        "has_remote": _if_known(bool(remotes) or any(p.transport != "stdio" for p in packages), known=described),
        "has_stdio": _if_known(any(p.transport == "stdio" for p in packages), known=described),
        "has_oci": _if_known(any(p.registry_type == "oci" for p in packages), known=described),
        "personal_data": _personal_data(deployments),
        "destructive_tools": _if_known(any(tool.may_destroy for tool in tools), known=bool(release.manifest_digest)),
        "executes": _executes(server, deployments),
        "vendor_commercial": _commercial(server),
        "open_source": open_source(server),
        "hosted_by_vendor": _hosted(server, remotes, described=described),
        "secrets_required": _secrets_required(packages, remotes, described=described),
        "under_contract": server.is_under_contract,
        "local_http": _if_known(any(p.transport != "stdio" for p in packages), known=described),
        "governance_tier_3": _governance_tier_3(deployments),
    }


def secrets_named(release: Release) -> bool:
    """Return whether the release names a credential that it needs."""
    return _name_a_secret(list(release.packages.all()), list(release.remotes.all()))


def _if_known(value: object, *, known: bool) -> bool | None:
    return bool(value) if known else None


def _personal_data(deployments: list[Deployment]) -> bool | None:
    answers = [deployment.personal_data for deployment in deployments]
    if True in answers:
        return True
    return False if answers and None not in answers else None


def _executes(server: Server, deployments: list[Deployment]) -> bool | None:
    powers = [deployment.tool_power for deployment in deployments] or [server.tool_power]
    return None if "" in powers or any(power in _STRONG for power in powers) else False


def _commercial(server: Server) -> bool | None:
    publisher = server.published_by
    return publisher.is_commercial if publisher else None


def open_source(server: Server) -> bool | None:
    """Return whether its source is open: as somebody said, else by its licence and repository; None: nobody knows."""
    if server.is_open_source is not None:
        return server.is_open_source
    return True if server.licence and server.repository_url else None


def _governance_tier_3(deployments: list[Deployment]) -> bool | None:
    chosen = [deployment.governance_tier for deployment in deployments]
    if 3 in chosen:
        return True
    return None if None in chosen or not chosen else False


def hosted_by_vendor(server: Server) -> bool | None:
    """Return whether the vendor runs it: as somebody said, else by its pinned release and its host; None: not known."""
    release = server.pinned_release
    remotes = list(release.remotes.all()) if release else []
    described = bool(remotes) or bool(release and release.packages.exists())
    return _hosted(server, remotes, described=described)


def _hosted(server: Server, remotes: list[Remote], *, described: bool) -> bool | None:
    if server.is_vendor_hosted is not None:
        return server.is_vendor_hosted
    if remotes or server.suppliers.filter(role=ServerSupplier.SupplierRole.HOST).exists():
        return True
    return False if described else None


def _secrets_required(packages: list[Package], remotes: list[Remote], *, described: bool) -> bool | None:
    """Return None for a remote that lists no secret: most of those authorise by OAuth, which is listed nowhere."""
    if _name_a_secret(packages, remotes):
        return True
    return _if_known(False, known=described and not remotes)


def _name_a_secret(packages: list[Package], remotes: list[Remote]) -> bool:
    inputs = [row for package in packages for row in (*package.environment, *package.headers)]
    inputs += [row for remote in remotes for row in remote.headers]
    return any(row.get("is_secret") for row in inputs)
