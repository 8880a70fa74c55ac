"""The chain from a use case to whoever stands last behind it: each link judged or not, each vendor drawn once."""

from datetime import date, timedelta
from typing import Any

from django.test import TestCase
from django.urls import reverse

from assessments import suppliers
from landscape import use_cases
from landscape.models import UseCase
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene
from tests.cast import NOON, TODAY, Cast
from tests.web.signed_in import as_
from vendors.models import Deployment, Server, ServerSupplier, SubProcessor, Vendor
from vendors.registering import deployments, registration, relations
from work.supply_chain import chain

NEVER = "Never assessed"
A_YEAR = timedelta(days=366)


class Chains(TestCase):
    """A use case on a model of Model Ltd that works with a server; its host uses Cloud Ltd, which uses Power Ltd."""

    people: Cast
    scene: Scene
    server: Server
    use_case: UseCase
    host: Vendor
    cloud: Vendor
    deployment: Deployment
    who: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people, cls.server = cls.scene.people, cls.scene.server
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
        cls.deployment = deployments.add_deployment(
            cls.server, name="Desk", environment="staging", agent="Desk agent", **cls.who, **cast.EXPOSURE
        )
        cls.use_case = use_cases.write(
            unit=cls.people.payments, name="Support", model_vendor=models, model_name="M-1", **cls.who
        )
        use_cases.add_deployment(cls.use_case, cls.deployment, **cls.who)

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

    def test_a_server_is_judged_for_as_long_as_its_assessment_counts(self) -> None:
        self.scene.final()

        def judged(today: date) -> str:
            self.use_case.refresh_from_db()
            return chain.rows(chain.of_use_case(self.use_case, self.people.alice, today=today))[1][3]

        assert [judged(TODAY), judged(TODAY + A_YEAR)] == ["Assessed", "Assessed too long ago"]

    def test_what_is_not_drawn_is_said(self) -> None:
        assert chain.of_server(self.server, self.people.alice, today=TODAY).left_out == []
        for number in range(chain.DRAWN + 1):
            other = use_cases.write(unit=self.people.payments, name=f"Other {number}", **self.who)
            use_cases.add_deployment(other, self.deployment, **self.who)
        last = self.cloud
        for number in range(suppliers.DEPTH):
            further = relations.register_vendor(name=f"Further {number}", kinds=["cloud"], **self.who)
            relations.add_sub_processor(last, further, purpose="more", **self.who)
            last = further
        assert chain.of_server(self.server, self.people.alice, today=TODAY).left_out == [
            "Not drawn: 2 further use cases.",
            "Not drawn: further sub-processors behind these.",
        ]
        page = as_(self.people.mia).get(reverse("web:server-chain", args=[self.server.pk])).content.decode()
        assert "Not drawn: 2 further use cases. Not drawn: further sub-processors behind these." in page

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
        for route, key, name in (
            ("server-chain", self.server.pk, self.server.title),
            ("use-case-chain", self.use_case.pk, self.use_case.name),
        ):
            page = mia.get(reverse(f"web:{route}", args=[key])).content.decode()
            heading = page.partition("<h1>")[2].partition("</h1>")[0]
            assert heading.split() == ["The", "chain", "of", name]
            assert "<svg" in page
            assert page.count("Power Ltd") >= 2
            assert reverse("web:vendor-detail", args=[self.cloud.pk]) in page

    def test_a_box_says_all_of_its_words_below_each_other_where_they_do_not_fit_on_a_line(self) -> None:
        server = self.server
        Server.objects.filter(pk=server.pk).update(number=123456789)
        page = as_(self.people.mia).get(reverse("web:server-chain", args=[server.pk])).content.decode()
        assert f">S-123456789 · tier {server.inherent_tier}</text>" in page
        assert f">{NEVER}</text>" in page
