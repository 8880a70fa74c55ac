"""Lists are declared once: what a declaration says holds on every page, in every file and in the API."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from django.test import TestCase
from django.urls import reverse

from accounts.lists import EVENTS
from api.v1.acceptances import Acceptances
from api.v1.assessments import Assessments
from api.v1.events import Events
from api.v1.evidence import EvidenceRecords
from api.v1.findings import Findings
from api.v1.reports import Reports
from api.v1.reviews import Reviews
from api.v1.servers import Servers
from api.v1.vendors import Vendors
from assessments.lists import ASSESSMENTS, EVIDENCE
from decisions.lists import REVIEWS
from findings.lists import ACCEPTANCES, FINDINGS
from reports.lists import REPORTS
from riskregister.lists import Kind, List, Where
from tests.assessments import scenes
from tests.web.signed_in import as_
from web.listing import PARAMETERS, PER_PAGE
from work.lists import SERVERS, VENDORS

LISTS: dict[str, tuple[List, Any]] = {
    "acceptance-list": (ACCEPTANCES, Acceptances),
    "assessment-list": (ASSESSMENTS, Assessments),
    "evidence-list": (EVIDENCE, EvidenceRecords),
    "finding-list": (FINDINGS, Findings),
    "report-list": (REPORTS, Reports),
    "review-list": (REVIEWS, Reviews),
    "server-list": (SERVERS, Servers),
    "trail": (EVENTS, Events),
    "vendor-list": (VENDORS, Vendors),
}


class EveryList(TestCase):
    """What holds of each list; those that are new come into the table above."""

    scene: scenes.Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.scene.finding()

    def each(self) -> Iterator[tuple[str, List, Any]]:
        """Yield each list with the name of its page and the endpoint, as a test of its own."""
        for name, (listed, viewset) in LISTS.items():
            with self.subTest(name):
                yield name, listed, viewset

    def get(self, name: str, **query: str) -> Any:
        return as_(self.scene.people.ada).get(reverse(f"web:{name}"), query)

    def test_both_doors_narrow_it_by_the_same_filters(self) -> None:
        for _name, listed, viewset in self.each():
            assert viewset.filterset_class is listed.filters
            assert not set(listed.filters.base_filters) & {*PARAMETERS, "cursor", "limit", "ordering"}
            assert set(listed.filters.on_page) <= set(listed.filters.base_filters)

    def test_every_order_is_one_of_the_declared(self) -> None:
        for _name, listed, viewset in self.each():
            assert {word.lstrip("-") for word in viewset.orderings} <= set(listed.sorts)
            assert {column.sort.lstrip("-") for column in listed.columns if column.sort} <= set(listed.sorts)

    def test_every_order_can_be_turned_round(self) -> None:
        for name, listed, _viewset in self.each():
            for word in listed.sorts:
                there = self.get(name, sort=word).context["list"]
                back = self.get(name, sort=f"-{word}").context["list"]
                assert (there.sort, back.sort) == (word, f"-{word}")
                if len(there.rows) < PER_PAGE:
                    assert {row.pk for row in there.rows} == {row.pk for row in back.rows}

    def test_no_two_columns_of_a_page_or_a_file_share_a_heading(self) -> None:
        for _name, listed, _viewset in self.each():
            for columns in (listed.on_page, listed.in_file):
                assert len({column.label for column in columns}) == len(columns)

    def test_every_label_on_a_phone_is_the_heading_of_its_column(self) -> None:
        for name, listed, _viewset in self.each():
            head, _, body = self.get(name).content.decode().partition("</thead>")
            if not body:
                continue
            headings = [plain(cell) for cell in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', head, re.DOTALL)]
            assert headings == [column.label for column in listed.on_page]
            for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL):
                cells = re.findall(r"<t[dh]([^>]*)>", row)
                labels = [re.search(r'data-label="([^"]*)"', attributes) for attributes in cells]
                assert len(cells) == len(headings)
                wrong = [(label[1], heading) for label, heading in zip(labels, headings, strict=True) if label]
                assert [label for label, heading in wrong if label != heading] == []

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

    def test_what_only_a_file_holds_has_no_look_of_a_page(self) -> None:
        for _name, listed, _viewset in self.each():
            for column in listed.columns:
                assert not (column.where is Where.FILE and (column.cell or column.sub or column.sort))
                assert (column.kind in (Kind.BADGE, Kind.RATED)) == bool(column.looks)


def plain(markup: str) -> str:
    """Return what a cell says, without marks."""
    return " ".join(re.sub(r"<[^>]+>", "", markup).split())
