"""Lists are declared once: what a declaration says holds on every page, in every file and in the API."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import TestCase
from django.urls import URLPattern, reverse

from accounts.models import Unit, User
from api import urls
from riskregister.lists import Kind, List, Where
from tests import cast
from tests.assessments import scenes
from tests.listed import listed_pages
from tests.web.signed_in import as_
from vendors.models import Server, Vendor
from web.page_parts.listing import PARAMETERS, PER_PAGE

DECEIVING = "p\u0430y\u200bpal"
UNMARKED = re.compile(r"\u0430(?!\[U\+0430\])|\u200b")
# The endpoint of each list: the list itself, or the figures that come with its first rows.
VIEWS: list[Any] = [
    *(viewset for _prefix, viewset, _basename in urls.router.registry),
    *(getattr(pattern.callback, "view_class", None) for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)),
]
ENDPOINTS = {id(view.of): view for view in VIEWS if hasattr(view, "of")}

# What changed in the fields of a row, and what a page works out of many rows, is no list, and has columns of its own.
NO_LISTS = {
    "components/changes.html", "contracts/detail.html", "contracts/law.html", "contracts/of_vendor.html",
    "contracts/register_of_information.html", "controls/coverage.html", "controls/frameworks.html",
    "supply_chain/concentration.html", "supply_chain/index.html",
}  # fmt: skip


class EveryList(TestCase):
    """What holds of the list of each page."""

    scene: scenes.Scene
    pages: list[str]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.scene.finding()
        cls.pages = [route.name for route, _listed in listed_pages(as_(cls.scene.people.ada))]
        assert len(cls.pages) > 10

    def each(self) -> Iterator[tuple[str, List, Any]]:
        """Yield each list with the name of its page and the endpoint, as a test of its own."""
        for name in self.pages:
            listed = self.get(name).context["list"].of
            with self.subTest(name):
                yield name, listed, ENDPOINTS.get(id(listed))

    def get(self, name: str, **query: str) -> Any:
        return as_(self.scene.people.ada).get(reverse(name), query)

    def tab(self, name: str, row: Any) -> str:
        """Return the page of a server or vendor."""
        answer: str = as_(self.scene.people.ada).get(reverse(f"web:{name}", args=[row.pk])).content.decode()
        return answer

    def test_both_doors_have_it(self) -> None:
        for _name, listed, viewset in self.each():
            assert viewset is not None
            assert not set(listed.filters.base_filters) & {*PARAMETERS, "cursor", "limit", "ordering"}
            assert set(listed.filters.on_page) <= set(listed.filters.base_filters)

    def test_every_order_is_one_of_the_declared(self) -> None:
        for _name, listed, viewset in self.each():
            assert {word.lstrip("-") for word in viewset.orders} <= set(listed.sorts)
            assert {column.sort.lstrip("-") for column in listed.columns if column.sort} <= set(listed.sorts)

    def test_every_order_can_be_turned_round(self) -> None:
        for name, listed, _viewset in self.each():
            for word in listed.sorts:
                there = self.get(name, sort=word).context["list"]
                back = self.get(name, sort=f"-{word}").context["list"]
                assert (there.sort, back.sort) == (word, f"-{word}")
                if len(there.rows) < PER_PAGE:
                    assert [row.pk for row in there.rows] == [row.pk for row in back.rows][::-1]

    def test_no_two_columns_of_a_page_or_a_file_share_a_heading(self) -> None:
        for _name, listed, _viewset in self.each():
            for columns in (listed.on_page, listed.in_file):
                assert len({column.label for column in columns}) == len(columns)

    def test_every_label_on_a_phone_is_the_heading_of_its_column(self) -> None:
        for name, listed, _viewset in self.each():
            # Figures may stand above a list, in tables of their own.
            tables = re.findall(r"<thead>(.*?)</thead>(.*?)</table>", self.get(name).content.decode(), re.DOTALL)
            if not tables:
                continue
            head, body = tables[-1]
            headings = [plain(cell) for cell in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', head, re.DOTALL)]
            assert headings == [column.label for column in listed.on_page]
            for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL):
                cells = re.findall(r"<t[dh]([^>]*)>", row)
                labels = [re.search(r'data-label="([^"]*)"', attributes) for attributes in cells]
                assert len(cells) == len(headings)
                wrong = [(label[1], heading) for label, heading in zip(labels, headings, strict=True) if label]
                assert [label for label, heading in wrong if label != heading] == []

    def test_tables_of_a_server_and_of_a_vendor_label_their_cells_by_their_headings(self) -> None:
        tabs = dict.fromkeys(("server-findings", "server-assessments"), self.scene.server)
        for name, row in (tabs | {"vendor-servers": self.scene.vendor, "vendor-findings": self.scene.vendor}).items():
            tables = re.findall(r"<thead>(.*?)</thead>(.*?)</tbody>", self.tab(name, row), re.DOTALL)
            assert tables, name
            for head, body in tables:
                headings = [plain(cell) for cell in re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", head, re.DOTALL)]
                for cells in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL):
                    labels = re.findall(r"<t[dh]([^>]*)>", cells)
                    assert len(labels) == len(headings), name
                    told = [re.search(r'data-label="([^"]*)"', label) for label in labels]
                    assert all(one is None or one[1] == heading for one, heading in zip(told, headings, strict=True))

    def test_a_vendor_lists_its_servers_with_role_and_unit(self) -> None:
        page = as_(self.scene.people.ada).get(reverse("web:vendor-servers", args=[self.scene.vendor.pk]))
        labels = [column.label for column in page.context["supplies"].columns]
        assert labels == [
            "Server", "Role", "Unit", "Status", "Tier", "Residual risk", "Assurance", "Next review",
        ]  # fmt: skip

    def test_no_list_labels_its_cells_by_hand(self) -> None:
        folder = Path(settings.BASE_DIR, "templates")
        templates = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.html")}
        by_hand = {name: re.findall(r'data-label="([^"]*)"', text) for name, text in templates.items()}
        labelled = {name: labels for name, labels in by_hand.items() if labels}
        assert labelled.keys() == NO_LISTS
        for name, labels in labelled.items():
            headings = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', templates[name], re.DOTALL)
            assert set(labels) <= {plain(heading) for heading in headings}, name

    def test_a_file_has_a_line_a_row_and_a_cell_a_column(self) -> None:
        for name, listed, _viewset in self.each():
            text = self.get(name, format="csv").getvalue().decode("utf-8-sig")
            head, *lines = csv.reader(io.StringIO(text, newline=""))
            assert head == [column.label for column in listed.in_file]
            assert {len(line) for line in lines} <= {len(head)}
            assert min(len(lines), PER_PAGE) == len(self.get(name).context["list"].rows)

    def test_what_is_searched_for_as_q_is_found_as_search(self) -> None:
        for name, listed, _viewset in self.each():
            if "search" in listed.filters.base_filters:
                for words in ("first", "1", "example", "nothing like it"):
                    rows = [self.get(name, **{parameter: words}).context["list"].rows for parameter in ("q", "search")]
                    assert rows[0] == rows[1]

    def test_what_is_searched_for_as_q_goes_on_to_its_second_page(self) -> None:
        for number in range(PER_PAGE + 1):
            cast.a_vendor(self.scene.people, f"Zeta {number:02}")
        first = self.get("web:vendor-list", q="Zeta", sort="name").context["list"]
        second = as_(self.scene.people.ada).get(reverse("web:vendor-list") + first.next_url).context["list"]
        assert (first.total, second.is_first) == (PER_PAGE + 1, False)
        assert [row.name for row in second.rows] == [f"Zeta {PER_PAGE:02}"]
        back = as_(self.scene.people.ada).get(reverse("web:vendor-list") + second.previous_url).context["list"]
        assert [row.name for row in back.rows] == [row.name for row in first.rows]

    def test_every_filter_says_what_its_values_are(self) -> None:
        for _name, listed, _viewset in self.each():
            for one in listed.filters.base_filters.values():
                assert {"type", "anyOf"} & set(one.schema)
                assert one.label

    def test_a_parameter_that_is_no_filter_lists_nothing_and_is_refused_in_a_file(self) -> None:
        for name, _listed, _viewset in self.each():
            page = self.get(name, sevrity="high")
            assert (page.status_code, page.context["list"].rows) == (200, [])
            assert self.get(name, sevrity="high", format="csv").status_code == 400

    def test_what_deceives_in_a_name_is_marked_on_each_page_and_in_its_file(self) -> None:
        self.deceive()
        marked = 0
        for name, _listed, _viewset in self.each():
            page = self.get(name).content.decode()
            rows = "".join(re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL))
            file = self.get(name, format="csv").getvalue().decode("utf-8-sig")
            for shown in (re.sub(r"<[^>]+>", "", rows), *re.findall(r'title="([^"]*)"', rows), file):
                assert not UNMARKED.search(shown)
                marked += shown.count("p\u0430[U+0430]y[U+200B]")
        assert marked > 40

    def deceive(self) -> None:
        """Give what the lists name a letter that passes for another, and a character that nobody sees."""
        Vendor.objects.update(name=DECEIVING)
        Server.objects.update(title=DECEIVING, name=f"com.example/{DECEIVING}")
        Unit.objects.update(name=Concat(Value(DECEIVING), "code"))
        User.objects.update(name=DECEIVING)

    def test_what_only_a_file_holds_has_no_look_of_a_page(self) -> None:
        for _name, listed, _viewset in self.each():
            for column in listed.columns:
                assert not (column.where is Where.FILE and (column.cell or column.sub or column.sort))
                assert (column.kind in (Kind.BADGE, Kind.RATED)) == bool(column.looks)


def plain(markup: str) -> str:
    """Return what a cell says, without marks."""
    return " ".join(re.sub(r"<[^>]+>", "", markup).split())
