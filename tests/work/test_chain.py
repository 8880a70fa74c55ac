"""The chain from a use case to whoever stands last behind it: each link judged or not, each vendor drawn once."""

from typing import Any

from django.test import TestCase
from django.urls import reverse

from landscape import use_cases
from landscape.models import UseCase
from tests import cast
from tests.assessments import scenes
from tests.cast import NOON, TODAY, Cast
from tests.web.signed_in import as_
from vendors import deployments, registration, relations
from vendors.models import Server, ServerSupplier, SubProcessor, Vendor
from work.supply_chain import chain

NEVER = "Never assessed"


class Chains(TestCase):
    """A use case on a model of Model Ltd that works with a server; its host uses Cloud Ltd, which uses Power Ltd."""

    people: Cast
    server: Server
    use_case: UseCase
    host: Vendor
    cloud: Vendor
    who: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        scene = scenes.set_up()
        cls.people, cls.server = scene.people, scene.server
        cls.who = {"by": cls.people.alice, "now": NOON}
        ServerSupplier.objects.filter(server=cls.server).delete()
        models, cls.host, cls.cloud = (
            relations.register_vendor(name=name, kinds=["model_provider"], **cls.who)
            for name in ("Model Ltd", "Host Ltd", "Cloud Ltd")
        )
        power = relations.register_vendor(name="Power Ltd", kinds=["cloud"], **cls.who)
        registration.add_supplier(cls.server, cls.host, role="host", **cls.who)
        relations.add_sub_processor(cls.host, cls.cloud, purpose="storage", **cls.who)
        relations.add_sub_processor(cls.cloud, power, purpose="power", **cls.who)
        deployment = deployments.add_deployment(
            cls.server, name="Desk", environment="staging", agent="Desk agent", **cls.who, **cast.EXPOSURE
        )
        cls.use_case = use_cases.write(
            unit=cls.people.payments, name="Support", model_vendor=models, model_name="M-1", **cls.who
        )
        use_cases.add_deployment(cls.use_case, deployment, **cls.who)

    def rows(self) -> list[tuple[str, str, str, str]]:
        return chain.rows(chain.of_use_case(self.use_case, self.people.alice, today=TODAY))

    def test_it_leads_from_the_use_case_to_the_last_one_behind(self) -> None:
        server = f"{self.server.ref} · tier {self.server.inherent_tier}"
        assert self.rows() == [
            ("Support", "M-1", "Model Ltd", NEVER),
            ("M-1", self.server.title, server, NEVER),
            (self.server.title, "Host Ltd", "host", NEVER),
            ("Host Ltd", "Cloud Ltd", "storage", NEVER),
            ("Cloud Ltd", "Power Ltd", "power", NEVER),
        ]

    def test_the_chain_of_the_server_is_the_same_from_its_side(self) -> None:
        assert chain.rows(chain.of_server(self.server, self.people.alice, today=TODAY)) == self.rows()

    def test_a_circle_is_gone_through_once_and_told(self) -> None:
        # Two steps at once could have made it before they waited for each other; the steps refuse it.
        SubProcessor.objects.create(vendor=self.cloud, used=self.host, purpose="backup")
        assert self.rows()[3:] == [
            ("Host Ltd", "Cloud Ltd", "storage", NEVER),
            ("Cloud Ltd", "Power Ltd", "power", NEVER),
            ("Cloud Ltd", "Host Ltd", "backup (drawn once, without a line)", NEVER),
        ]

    def test_a_model_that_nobody_knows_is_said_to_be_unknown(self) -> None:
        use_cases.rewrite(self.use_case, changes={"model_vendor": None, "model_name": ""}, **self.who)
        assert self.rows()[0] == ("Support", "Model not known", chain.NOBODY, NEVER)

    def test_a_stranger_sees_no_use_case_of_another_unit(self) -> None:
        names = [row[0] for row in chain.rows(chain.of_server(self.server, self.people.eve, today=TODAY))]
        assert "Support" not in names

    def test_the_pages_draw_it_with_its_table(self) -> None:
        mia = as_(self.people.mia)
        for route, key in (("server-chain", self.server.pk), ("use-case-chain", self.use_case.pk)):
            page = mia.get(reverse(f"web:{route}", args=[key])).content.decode()
            assert "<svg" in page
            assert page.count("Power Ltd") >= 2
            assert reverse("web:vendor-detail", args=[self.cloud.pk]) in page
