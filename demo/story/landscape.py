"""What the servers of Payments are used for, and what they run behind."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from accounts.models import Unit, User
from catalogue.models import Control
from controls import statuses
from demo.diary import Diary
from demo.organisation import Organisation
from demo.story import vendors
from landscape import judging, processes, replacing, shared_services, technical_profiles, use_cases
from landscape.models import SharedService
from vendors.models import Deployment, Server, Vendor

EXAMPLE = "Example for the demonstration."
# What the gateway does for all that run behind it, by the numbers of MI-20.
GIVEN: Mapping[str, Mapping[str, str]] = {
    "MI-20.2.9": {"state": "in_place"},
    "MI-20.T.1": {"state": "in_place"},
    "MI-20.T.10": {"state": "in_place"},
    "MI-20.5.3": {"state": "partly"},
    "MI-20.T.9": {"state": "missing"},
}


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary when it is put on record."""
    lena, unit = organisation.person("lena"), organisation.unit("payments")
    diary.on(66, partial(vendors.meet, diary, organisation))
    diary.on(64, partial(_put_on_record, diary, lena, unit))
    diary.on(40, partial(_assess, diary, lena))
    diary.on(39, partial(_state_what_it_gives, diary, lena))


def _put_on_record(diary: Diary, lena: User, unit: Unit) -> None:
    """Two agents on the same gateway: one that refunds need, and one that nothing stops without."""
    made: dict[str, Any] = {"unit": unit, "owner": lena}
    refunds = diary.do(
        lena, processes.write, name="Refunds to customers", recovery_hours=8, is_critical=True,
        when_it_stops=f"The refund desk pays by hand, at a tenth of the pace. {EXAMPLE}", **made,
    )  # fmt: skip
    agent = diary.do(lena, use_cases.write, name="Refund agent", purpose=f"Prepares refunds. {EXAMPLE}",
                     data_used="Orders and payments of customers", follows_alias=False,
                     model_vendor=Vendor.objects.get(name="Anthropic"), **made)  # fmt: skip
    helper = diary.do(lena, use_cases.write, name="Incident helper", follows_alias=True, **made)
    gateway = diary.do(lena, shared_services.write, name="Tool gateway", kind="gateway", is_single_point=True,
                       vendor=Vendor.objects.get(name="Hetzner"), **made)  # fmt: skip
    diary.do(lena, shared_services.write, name="Call log", kind="log_store", **made)
    diary.do(lena, use_cases.add_process, agent, refunds)
    for title, use_case in (("Stripe", agent), ("Sentry", helper)):
        deployment = Deployment.objects.filter(
            server__unit=unit, server__suppliers__vendor__name=title, ended_on=None
        ).first()
        if deployment is not None:
            diary.do(lena, use_cases.add_deployment, use_case, deployment)
            diary.do(lena, shared_services.add, deployment, gateway)
            diary.do(lena, technical_profiles.write, deployment, transport="streamable_http", tls="1.2",
                     mutual_tls=False, calls_logged=True, logs_where="Call log")  # fmt: skip
    for server in Server.objects.filter(unit=unit, suppliers__vendor__name="Stripe")[:1]:
        diary.do(lena, replacing.judge, server, level="hard", reason=f"The contract runs with this one. {EXAMPLE}")
    for name, level in (("Anthropic", "hard"), ("Hetzner", "easy")):
        reason = f"As far as we have tried. {EXAMPLE}"
        diary.do(lena, replacing.judge, Vendor.objects.get(name=name), level=level, reason=reason)


def _assess(diary: Diary, lena: User) -> None:
    """The gateway is looked at, and holds; of the log nobody has looked."""
    gateway = SharedService.objects.get(name="Tool gateway")
    diary.do(lena, shared_services.record_assessment, gateway, assessed_on=diary.today, result="passed_with_gaps",
             note=f"It denies what is not approved; nothing stands in for it. {EXAMPLE}")  # fmt: skip
    # The job that this promises would wait until somebody starts the register.
    for server in judging.behind(gateway.pk).order_by("pk"):
        judging.judge_one(str(server.pk), now=diary.now)


def _state_what_it_gives(diary: Diary, lena: User) -> None:
    """What the gateway has in place, and lacks, holds for each deployment behind it."""
    gateway = SharedService.objects.get(name="Tool gateway")
    asked = Control.objects.filter(framework__key="finos-mi-20", framework__status="current", ref__in=GIVEN)
    for control in asked.order_by("ref"):
        diary.do(lena, statuses.state_for_service, gateway, control=control, **GIVEN[control.ref])
