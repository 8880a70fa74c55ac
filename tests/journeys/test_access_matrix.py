"""Every route, tried with every method as everybody: access.yaml says who may, and others change nothing.

The routes come from the URL resolver and the bodies from the API's own description, so that a new route cannot be
forgotten: without a row in access.yaml it fails here.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.test import Client

from accounts import people
from accounts.access import Capability
from accounts.models import Role, User
from audit.context import SYSTEM
from findings.models import Finding
from tests import append_only
from tests.api.caller import Caller, accepted
from tests.journeys import built, estate
from tests.journeys.bodies import fitting
from tests.journeys.routes import TABLE, Route, address, routes
from work.supply_chain import keeping

MEMBERS = {"administrator", "manager", "approver", "analyst", "auditor", "stranger"}
GROUPS: dict[str, set[str]] = {
    "anybody": {*MEMBERS, "without_role", "nobody", "reader"},
    "people": {*MEMBERS, "without_role"},
    "members": MEMBERS,
    "writers": {"approver", "analyst", "stranger"},
    "discoverers": {"approver", "analyst", "stranger"},
    # Nobody of the estate works in all units.
    "writers_of_all": set(),
    # The one analyst of the estate has a hand in what is to be checked.
    "other_writers": {"approver", "stranger"},
    "deciders": {"approver", "stranger"},
    "managers": {"manager", "stranger"},
    "reporters": MEMBERS,
    "withdrawers": MEMBERS - {"auditor"},
    "administrators": {"administrator"},
    "owner": {"analyst"},
    "unavailable": set(),
}
# What lets a member of the group do it, and so what a token of theirs must have as a scope.
CAPABILITY_OF = {
    "writers": Capability.WRITE, "other_writers": Capability.WRITE, "writers_of_all": Capability.WRITE,
    "deciders": Capability.DECIDE,
    "managers": Capability.MANAGE, "reporters": Capability.REPORT, "withdrawers": Capability.REPORT,
    "administrators": Capability.ADMINISTER, "discoverers": Capability.DISCOVER,
}  # fmt: skip
# Rows of the whole organisation: people of any unit see them.
SHARED = {
    "certificate",
    "due_diligence",
    "due_diligence_item",
    "indicator",
    "vendor",
    "contact",
    "contract",
    "contract_service",
    "sub_processor",
    "question_set",
    "control",
    "framework",
    "feed",
    "feed_run",
    "quarantined_record",
}
WRITING = ("post", "put", "patch", "delete")
REFUSED = {401, 403, 404}
# Where what the request names is looked up before the guard is asked: a claim, a former answer, a document, a control.
LOOKS_FIRST = {
    "api:finding-fail",
    "api:finding-pass",
    "api:answer-keep",
    "api:answer-take",
    "api:server-import-tools",
    "api:framework-change-control",
    "api:framework-withdraw-control",
}
MISSING = UUID("01900000-0000-7000-8000-000000000000")
# A refusal is its answer about a call: tests/containment/test_doors.py asks it about what is approved.
DECIDES = {"gate:ext-authz"}
# What is written all the same: attempts at signing in, sessions, figures that are kept, and when a token was used last.
OWN_BOOKS = re.compile(
    r'"(axes_\w+|django_session|accounts_(keptpart|partmark))"'
    r'|^UPDATE "accounts_apitoken" SET "last_used_at" = %s WHERE'
)
# A decision point notes besides who asks, counts what it denies, and keeps what it handed out last.
OF_THE_GATE = re.compile(rf'{OWN_BOOKS.pattern}|"containment_(asker|denial|artefactfetch)"')
# What people do with what is their own with the scope to write; of somebody else they see nothing.
OWN = {"api:person-detail", "api:person-end-sessions"}
# A question that is sent with POST: whoever may read gets an answer.
ASKS = {"api:server-verify"}
# Pages of the API's door: a token opens none.
IN_BROWSER = {"api:docs"}
# What the pages ask the password for, the API takes from tokens only.
SIGNED = {
    "api:answer-confirm-not-applicable", "api:assessment-return", "api:assessment-finalise", "api:assessment-decide",
    "api:approval-withdraw", "api:server-resume", "api:server-retire", "api:override-grant", "api:override-refuse",
    "api:override-revoke", "api:finding-pass", "api:finding-fail", "api:finding-close", "api:finding-dismiss",
    "api:finding-change-severity", "api:finding-change-due-date", "api:acceptance-grant", "api:acceptance-refuse",
    "api:acceptance-revoke", "api:person-detail", "api:person-send-link", "api:person-activate",
    "api:person-deactivate", "api:person-give-role", "api:person-take-role",
    "api:deployment-list", "api:deployment-detail", "api:deployment-end", "api:server-set-exposure",
    "api:feed-run-let-through", "api:policy-list", "api:policy-enforce", "api:policy-observe", "api:policy-retire",
    "api:share-list", "api:suppression-accept", "api:due-diligence-complete", "api:due-diligence-item-waive",
    "api:tier-acceptance-grant", "api:tier-acceptance-refuse", "api:tier-acceptance-revoke",
}  # fmt: skip
# Pages of deciders and administrators that ask for no password: they stop something, or give nobody rights.
UNSIGNED_PAGES = {
    "web:escalation-acknowledge",
    "web:server-suspend",
    "web:feed-add",
    "web:feed-change",
    "web:feed-run",
    "web:feed-upload",
    "web:feed-switch-off",
    "web:feed-switch-on",
    "web:token-revoke",
    "web:person-invite",
    "web:person-sessions-end",
    "web:units",
    "web:unit",
}
# The estate has no claimed fix, so that the page leads back to the finding; tests/web/test_findings.py has one.
LEADS_BACK = {"web:finding-verify"}
# Pages that only take posts: forms that stand on another page, and steps that harm nobody or are undone by another.
TYPED = {
    "web:account-name", "web:account-password", "web:answers-save", "web:person-edit", "web:role-give",
    "web:token-make",
}  # fmt: skip
HARMLESS = {
    "web:inbox-open", "web:inbox-read", "web:inbox-read-all", "web:job-retry", "web:mail-retry",
    "web:mail-retry-all",
    "web:sign-out", "web:theme",
}  # fmt: skip
ENDS_THE_SESSION = re.compile("sign-out|sessions|password|deactivate")


class TheAccessMatrix(built.OnTheEstate):
    """One register, and everybody at every door."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        # Whoever looks first would bring the levels up to date; then reading writes none.
        keeping.follow(now=estate.NOW)
        cls.estate.keys["colleague"] = cls.estate.people.bob.pk

    def setUp(self) -> None:
        super().setUp()
        # Every refusal is logged with its traceback, which would take longer than the refusals.
        logging.disable(logging.WARNING)
        self.addCleanup(logging.disable, logging.NOTSET)
        self.clients = {role: self.estate.client(role) for role in estate.ROLES}
        self.tokens: dict[frozenset[str], Client] = {}

    def test_every_route_has_a_row_and_every_row_a_route(self) -> None:
        known = {route.name for route in routes()}
        new, gone = sorted(known - TABLE.keys()), sorted(TABLE.keys() - known)
        assert not new, f"Say in tests/journeys/access.yaml who may use {new}: one row a route, e.g. {{GET: members}}."
        assert not gone, f"tests/journeys/access.yaml has rows of routes that are gone: {gone}."

    def test_what_a_page_does_without_asking_first_can_be_undone_or_was_typed(self) -> None:
        at_once = {name for name, methods in TABLE.items() if name.startswith("web:") and "GET" not in methods}
        assert at_once == TYPED | HARMLESS

    def test_every_page_that_decides_or_gives_rights_asks_for_the_password(self) -> None:
        who = {"deciders": "approver", "administrators": "administrator"}
        wrong = []
        for route in routes():
            methods = TABLE.get(route.name, {})
            groups = [methods["POST"]] if isinstance(methods.get("POST"), str) else methods.get("POST", [])
            role = next((who[group] for group in groups if group in who), None)
            if route.is_api or role is None or "GET" not in methods or route.name in LEADS_BACK:
                continue
            page = self.clients[role].get(address(route, self.estate.keys)).content.decode()
            if ('autocomplete="current-password"' in page) == (route.name in UNSIGNED_PAGES):
                wrong.append(route.name)
        assert wrong == []

    def test_only_those_may_of_whom_the_table_says_so(self) -> None:
        wrong = []
        for route, method, group in _cells():
            for role in estate.ROLES:
                if role == "reader" and (not route.is_api or route.name in IN_BROWSER):
                    continue
                status, written = self.tried(route, method, role)
                may = _may(role, group, route, method)
                if may and status == 403 and route.name in DECIDES:
                    status = 200
                if not may and status in {400, 422} and (role == "without_role" or route.name in LOOKS_FIRST):
                    # To somebody without a role the ids in the body name nothing.
                    status = 404
                if complaint := _judged(may, status, written, method):
                    wrong.append(f"{method} {route.name} as {role}: {complaint}")
        assert wrong == [], "\n".join(wrong)

    def test_what_is_not_there_is_not_found(self) -> None:
        wrong = []
        for route, method, _group in _cells():
            if "pk" not in route.arguments or route.pattern.endswith("<int:pk>/"):
                continue
            missing = 987654 if "<int:pk>" in route.pattern else MISSING
            for role in ("administrator", "approver", "analyst"):
                status, written = self.tried(route, method, role, pk=missing)
                if status not in {403, 404} or written:
                    wrong.append(f"{method} {route.name} as {role}: {status} {written}")
        assert wrong == [], "\n".join(wrong)

    def test_other_methods_are_refused(self) -> None:
        wrong = []
        for route in routes():
            for method in WRITING:
                if method.upper() in TABLE[route.name]:
                    continue
                status, written = self.tried(route, method, "administrator")
                if status != 405 or written:
                    wrong.append(f"{method} {route.name}: {status} {written}")
        assert wrong == [], "\n".join(wrong)

    def test_rows_of_another_unit_cannot_be_named_in_a_body(self) -> None:
        eve = Caller(self.estate.people.eve, now=estate.NOW)
        for path in ("servers/", "servers/import/", "releases/", "deployments/", "assessments/", "findings/",
                     "reviews/", "reports/", "evidence/", "requests/"):  # fmt: skip
            body = fitting(f"/api/v1/{path}", "post", self.estate.keys)
            for name in ("server", "unit", "assessment", "review", "release"):
                if name not in body:
                    continue
                with _watched() as written:
                    status = eve.post(f"/{path}", **body).status_code
                assert 400 <= status < 500, (path, status)
                assert written == [], (path, written)

    def test_work_cannot_be_given_to_somebody_outside_the_unit(self) -> None:
        keys, eve = self.estate.keys, str(self.estate.people.eve.pk)
        alice = Caller(self.estate.people.alice, now=estate.NOW)
        given = (
            (alice.patch, f"/servers/{keys['server']}/", "owner"),
            (alice.patch, f"/deployments/{keys['deployment']}/", "owner"),
            (alice.post, f"/findings/{keys['finding']}/assign/", "owner"),
            (alice.post, f"/assessments/{keys['assessment']}/assign/", "assignee"),
            (alice.post, f"/reviews/{keys['review']}/assign/", "assignee"),
        )
        for send, path, member in given:
            with _watched() as written:
                status = send(path, **{member: eve}).status_code
            assert 400 <= status < 500, (path, status)
            assert written == [], (path, written)

    def test_lists_are_empty_for_somebody_without_a_role(self) -> None:
        for route, method, group in _cells():
            if not (route.name.startswith("api:") and route.name.endswith("-list") and method == "GET"):
                continue
            if "without_role" not in group:
                continue
            rows = accepted(self.clients["without_role"].get(address(route, self.estate.keys)), 200)["results"]
            assert rows == [], route.name

    def test_a_token_does_only_what_its_scopes_allow_whatever_the_roles_of_its_owner(self) -> None:
        """Somebody with all roles and no hand in anything tries every step with the scopes that tell what it asks for.

        What any other set of scopes leaves of an access, tests/accounts/test_access.py tells.
        """
        zoe = _with_all_roles()
        wrong, tried = [], 0
        for route, method, words in _steps():
            needed = {CAPABILITY_OF[word] for word in words}
            for scopes in _sets_of_scopes(needed):
                client = self._with_scopes(zoe, scopes)
                with _watched() as written:
                    response = self._send(client, route, method.lower(), address(route, self.estate.keys))
                is_refused = response.status_code == 403 and response.json()["type"].endswith(":scope-missing")
                is_refused |= response.status_code == 404 and route.name in OWN
                tried += 1
                if is_refused == bool(needed & scopes) or (is_refused and written):
                    wrong.append(f"{method} {route.name} with {sorted(scopes)}: {response.status_code} {written}")
        assert tried > 70 * len(Capability)
        assert wrong == [], "\n".join(wrong)

    def test_a_token_without_decide_settles_eases_and_delays_no_finding(self) -> None:
        """What needs an approver follows from the state of the finding and from what is asked for."""
        key = self.estate.keys["finding"]
        with append_only.lifted(connection, Finding):
            Finding.objects.filter(pk=key).update(status=Finding.Status.OPEN)
        before = Finding.objects.values().get(pk=key)
        due_on = Finding.objects.get(pk=key).due_on
        assert due_on
        later = (due_on + estate.DAY).isoformat()
        asked: tuple[tuple[str, dict[str, str]], ...] = (
            ("dismiss", {"reason": "It is none."}),
            ("close", {"reason": "It is gone."}),
            ("change-severity", {"severity": "low", "reason": "It is less."}),
            ("change-due-date", {"due_on": later, "reason": "It takes longer."}),
        )
        zoe = _with_all_roles()
        writer, decider = (Caller(zoe, scopes, now=estate.NOW) for scopes in (["read", "write"], Capability.values))
        for name, body in asked:
            with _watched() as written:
                refused = writer.post(f"/findings/{key}/{name}/", **body)
            assert (refused.status_code, refused.json()["detail"]) == (403, "This token lacks the scope 'decide'."), (
                name
            )
            assert written == [], name
            assert Finding.objects.values().get(pk=key) == before, name
            with _watched():
                decider.done(f"/findings/{key}/{name}/", **body)

    def tried(self, route: Route, method: str, role: str, **other: Any) -> tuple[int, list[str]]:
        """Return the status, 401 where a page asks to sign in, and what was written, which is taken back."""
        client = self.clients[role]
        if ENDS_THE_SESSION.search(route.name) and method != "GET":
            client = self.estate.client(role)
        if route.name in SIGNED and role in estate.PEOPLE:
            client = Caller(self.estate.person(role), now=estate.NOW).client
        url = address(route, self.estate.keys, **other)
        with _watched(OF_THE_GATE if route.name.startswith("gate:") else OWN_BOOKS) as written:
            response = self._send(client, route, method.lower(), url)
        asks_to_sign_in = response.headers.get("Location", "").startswith("/sign-in/?next=")
        return 401 if asks_to_sign_in else response.status_code, written

    def _with_scopes(self, person: User, scopes: frozenset[str]) -> Client:
        if scopes not in self.tokens:
            self.tokens[scopes] = Caller(person, scopes, now=estate.NOW).client
        return self.tokens[scopes]

    def _send(self, client: Client, route: Route, method: str, url: str) -> Any:
        if method == "get" or not route.is_api:
            return getattr(client, method)(url)
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda one: f"{{{'id' if one[1] == 'pk' else one[1]}}}", route.pattern)
        listed = method.upper() in TABLE[route.name]
        body = fitting(path, method, self.estate.keys) if listed else {}
        return getattr(client, method)(url, json.dumps(body), content_type="application/json")


@contextmanager
def _watched(books: re.Pattern[str] = OWN_BOOKS) -> Iterator[list[str]]:
    """Collect the statements that write in the block, but into these books, and take back what they did."""
    written: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")) and not books.search(sql):
            written.append(sql[:60])
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(note):
        yield written
        transaction.set_rollback(True)


def _cells() -> Iterator[tuple[Route, str, set[str]]]:
    for route in routes():
        for method, words in TABLE.get(route.name, {}).items():
            names = [words] if isinstance(words, str) else words
            yield route, method, set().union(*(GROUPS[name] for name in names))


def _steps() -> Iterator[tuple[Route, str, list[str]]]:
    """Yield what writes over the API and asks for a role, with the groups of those who may."""
    for route in routes():
        for method, words in TABLE.get(route.name, {}).items():
            groups = [words] if isinstance(words, str) else words
            if route.is_api and method != "GET" and CAPABILITY_OF.keys() >= set(groups):
                yield route, method, groups


def _sets_of_scopes(needed: set[Capability]) -> set[frozenset[str]]:
    """Return the sets that tell which scopes a step asks for; with reading, which changes nothing here."""
    writing = {*Capability} - {Capability.READ}
    chosen = (set(), *({one} for one in writing), writing - needed, writing)
    return {frozenset({Capability.READ, *scopes}) for scopes in chosen}


def _with_all_roles() -> User:
    zoe = people.add(email="zoe@example.org", name="Zoe", by=SYSTEM, now=estate.NOW)
    for role in Role.values:
        people.give_role(zoe, role=role, unit=None, by=SYSTEM, now=estate.NOW)
    return zoe


def _may(role: str, group: set[str], route: Route, method: str) -> bool:
    # A server of another unit is not found by its number either.
    is_of_a_unit = "number" in route.arguments or ("pk" in route.arguments and route.object not in SHARED)
    if role == "stranger" and is_of_a_unit:
        return False
    if role == "reader":
        return (method == "GET" or route.name in ASKS) and "analyst" in group
    return role in group


def _judged(may: bool, status: int, written: list[str], method: str) -> str:
    """Return what is wrong with an answer, empty when it is as it should be."""
    if status >= 500:
        return f"it broke ({status})"
    if method == "GET" and written:
        return f"reading wrote {written}"
    if may and (status in REFUSED or status == 405):
        return f"refused with {status}"
    if not may and (status not in REFUSED or written):
        return f"not refused: {status} {written}"
    return ""
