"""The rules of docs/architecture.md that a machine can check."""

import ast
import math
import sys
from collections import Counter
from collections.abc import Iterator
from typing import TypeVar

import pytest

from tests.architecture import STAIRCASE, STEP, Module, functions, identifiers, length, modules

N = TypeVar("N", bound=ast.AST)
MODULES = modules()
HAND_WRITTEN = [module for module in MODULES if "/migrations/" not in module.name]

FORBIDDEN_NAMES = {"core", "common", "utils", "helpers", "extras", "services", "selectors", "misc", "util", "helper"}

# Whatever a value is, somebody said it: the name tells a reader nothing.
EMPTY_NAMES = {"said"}

# The moment comes in as an argument; these are the places where it comes from.
CLOCK_READERS = (
    "web/",
    "api/",
    "demo/",
    "management/commands/",
    "tasks.py",
    # A worker's loop asks the clock for its leases: an hour-long job does not end at the moment it began.
    "jobs/runner.py",
    # What a person may see is asked in every query of a page, as of today; passing the day through all of them would
    # invite asking it as of another day.
    "accounts/access.py",
    # Whether a step may be taken is asked of the row by every page and answer, as of now.
    "accounts/offers.py",
    # The catalogue is published after each migration, at the moment of that command.
    "catalogue/apps.py",
)

# Loaded when a report is drawn: WeasyPrint's import takes 1.2 to 1.9 s and needs Pango. Loaded where there is a broker:
# the client of Redis takes 11 MB.
LATE_IMPORTS = {"weasyprint", "redis"}

# django-auditlog sees saves only. Conditional and bulk writes pass it by; each such place says why that is right.
UNAUDITED_WRITES = {
    "riskregister/transitions.py": "The mover: a compare-and-swap that writes the field-level entry itself.",
    "catalogue/publishing.py": "The catalogue has no field-level log; its files are the record.",
    "catalogue/frameworks.py": "The catalogue has no field-level log; the trail records what was imported.",
    "catalogue/revising.py": "The catalogue has no field-level log; the trail records what was imported.",
    "assessments/drafts/reuse.py": (
        "The rows of a new assessment, before anybody answered; the trail records its start."
    ),
    "assessments/drafts/drafts.py": "Rows that a deployment brings or puts aside; the trail records the deployment.",
    "assessments/drafts/moving.py": "Rows by another question set; the trail records what was carried over.",
    "decisions/ratings/ratings.py": "A rating follows from other rows; its changes are rows of its history.",
    "contracts/coverage/looking.py": "When a vendor was looked at is machinery; what was missing are findings.",
    "findings/observed/observing.py": "That and when something was seen is kept in rows of its own; no decision.",
    "vendors/registering/importing.py": (
        "Tools come as one manifest and never change; the release's new digest is audited."
    ),
    "controls/tiers/plans.py": "The milestones of a new plan; the trail records how many there are.",
    "jobs/queue.py": "Job rows are machinery; what they do is audited.",
    "jobs/dated.py": "That a day was told is machinery; the event of it is the record.",
    "jobs/runner.py": "Job rows are machinery; what they do is audited.",
    "accounts/repeats.py": "What was taken under which key is machinery of the doors; what it did is audited.",
    "accounts/tokens.py": "When a token was last used: a note on every request, no decision.",
    "evidence/rehashing.py": "When a file was read again is no decision; that it was not whole is in the trail.",
    "alerts/bundles.py": "When a message was closed to further alerts is machinery; the alerts are the record.",
    "alerts/posting.py": "Sealing a message and letting a channel rest is machinery; every try is a row of its own.",
    "alerts/rules/applying.py": "That the filter of a rule broke is a note for its managers, no decision.",
    "alerts/recipients/moved_days.py": "That an alert waits for nobody any more follows from an event of the trail.",
    "alerts/recipients/settling.py": "That an alert waits for nobody any more follows from an event of the trail.",
    "alerts/relay.py": "Outbox rows are machinery; the event itself is the record.",
    "alerts/inbox.py": "That somebody has read an alert is a note for them, no decision.",
    "monitoring/applying.py": "What a complete look does not see any more is noted; what becomes of it is a finding.",
    "monitoring/raising.py": "To which finding an observation led; the finding has events of its own.",
    "monitoring/work_list.py": "What collectors are asked and brought goes when the run has ended, which is recorded.",
    "riskregister/queries/inserting.py": "Whoever calls it is listed here for what it inserts.",
    "composition/inventories/taking.py": "What a document lists is kept with its digest, which the trail records.",
    "composition/advisories/storing.py": "What an advisory says is public; the trail records each run.",
    "composition/advisories/grouping.py": "Which advisories speak of the same follows from what they say.",
    "composition/advisories/rating.py": "How bad a vulnerability is follows from its advisories.",
    "composition/advisories/exploited.py": "What a catalogue says is public; the trail records each run.",
    "composition/advisories/likelihood.py": "What a table says is public; the trail records each run.",
    "composition/comparison/compared.py": "What was compared, and what is due, follows from versions and advisories.",
    "composition/comparison/comparing.py": "Matches follow from versions and advisories, and can be worked out again.",
    "composition/hits.py": "What hits a server is observed; its observation and its finding are recorded.",
    "composition/statements/taking.py": "What a document says is kept with its digest, which the trail records.",
    "composition/statements/proposing.py": "What a statement speaks of follows from it, and can be worked out again.",
    "composition/signals.py": "What was told of a hit is told by an event of its finding.",
    "intelligence/storing.py": "What a feed says is public; the trail records each run.",
    "intelligence/matching.py": "What is met can be worked out again; its observation and finding are kept.",
    "intelligence/egress_logs.py": "What a log tells is counted; the trail records that it was taken.",
    "feeds/taking.py": "How far a run is, and its feed; the trail records how each run ended.",
    "feeds/quarantine.py": "What could not be read is kept until it is; its run counts it.",
    "feeds/silence.py": "A feed that fell silent has its event; of that no field history is kept.",
    "composition/work_list.py": "What is due is no fact of the trade: the comparison that follows is recorded.",
    "controls/sources/sourcing.py": (
        "What answers say of controls follows from the frozen ones, and can be worked out again."
    ),
    "controls/following.py": "Of which revision a control is follows from the framework; the trail records its import.",
    "discovery/applying.py": "What machines report is kept in rows of its own; the trail records each report.",
    "discovery/knowing.py": "By what a release is known follows from its packages and addresses.",
    "containment/calls/noting.py": "Who asked and what was denied are counted by the day; no decision.",
    "containment/calls/silence.py": "A client that fell silent has its event; of who asks no field history is kept.",
    "demo/rows.py": "The demo organisation goes as a whole; the event that says so counts what went.",
    "numbering/models.py": "The counter of human numbers; the numbered row itself is audited.",
    "audit/trail.py": "The trail itself.",
    "audit/diffs.py": "The trail itself.",
    "work/supply_chain/history.py": "How servers stood on a day follows from rows on record; its rows only grow.",
    "work/supply_chain/keeping.py": "Levels follow from rows that are recorded, and can be worked out again.",
    "seal/sealing.py": "The tree over the trail: rows that only grow, of what is audited already.",
}
# Methods of a QuerySet; on a dict, set or hash the same word is harmless, so the receiver decides.
BULK_WRITES = {"bulk_create", "bulk_update", "aupdate", "abulk_create", "abulk_update", "_raw_delete"}
QUERYSET_WORDS = ("objects", "filter", "exclude", "all", "_mine", "select_for_update", "get_queryset", "order_by")


# So many modules stand beside each other in a folder at most; of these more, for the reason that is given.
MODULES_A_FOLDER = 21
FULL_FOLDERS = {
    "riskregister": "The foundation: each module is of one thing that all rooms use, and is imported by its name.",
    "web/addresses": "One module a section of pages, found by itself and read by nobody.",
}


def failures(found: Iterator[str]) -> str:
    return "\n".join(found)


def test_the_staircase_names_every_package_of_the_product():
    with_apps = {module.package for module in MODULES if module.name.endswith("/apps.py")}

    assert MODULES
    assert with_apps <= set(STEP)
    assert {package for packages in STAIRCASE for package in packages} >= {module.package for module in MODULES}


def test_a_folder_holds_no_more_modules_than_one_looks_through():
    names = [module.name for module in HAND_WRITTEN if not module.name.endswith("__init__.py")]
    held = Counter(name.rpartition("/")[0] for name in names)

    assert {folder for folder, count in held.items() if count > MODULES_A_FOLDER} == set(FULL_FOLDERS)


def test_imports_go_down_the_staircase_and_never_sideways():
    def upward() -> Iterator[str]:
        for module in MODULES:
            for line, name in module.imports():
                target = name.split(".")[0]
                if target in STEP and target != module.package and STEP[target] >= STEP[module.package]:
                    yield f"{module.name}:{line} imports {name}, which is not below {module.package}"

    assert not failures(upward())


def test_the_foundation_imports_no_app():
    def apps() -> Iterator[str]:
        for module in MODULES:
            if module.package == "riskregister":
                yield from (
                    f"{module.name}:{line} imports {name}"
                    for line, name in module.imports()
                    if name.split(".")[0] in set(STEP) - {"riskregister"}
                )

    assert not failures(apps())


def test_the_method_is_computed_where_django_cannot_reach():
    """Scoring imports the standard library, YAML, the canonical JSON and the arithmetic of tiers; nothing else."""
    allowed = sys.stdlib_module_names | {"yaml", "scoring"}

    def beyond() -> Iterator[str]:
        pure = [module for module in MODULES if module.package == "scoring" or module.name == "vendors/tiers.py"]
        assert len(pure) > 10
        for module in pure:
            for node in ast.walk(module.tree):
                for name in _names(node):
                    if name.split(".")[0] not in allowed and name not in PURE:
                        yield f"{module.name} imports {name}"

    assert not failures(beyond())


PURE = {"vendors.tiers", "riskregister.canonical.canonical", "riskregister.canonical.digest"}


def _names(node: ast.AST) -> Iterator[str]:
    """Yield the dotted names that an import statement brings, with what is taken from the module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_product_imports_nothing_of_its_tests():
    assert not failures(
        f"{module.name}:{line}"
        for module in MODULES
        for line, name in module.imports()
        if name.split(".")[0] == "tests"
    )


def _late_imports(module: Module) -> Iterator[tuple[int, str]]:
    for function in functions(module.tree):
        if function.name == "ready" and module.name.endswith("apps.py"):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.lineno, node.module or "."


def test_imports_stand_at_the_top_of_the_file():
    assert not failures(
        f"{module.name}:{line} imports {name} inside a function"
        for module in MODULES
        for line, name in _late_imports(module)
        if name.split(".")[0] not in LATE_IMPORTS
    )


def test_weasyprint_is_imported_only_when_a_report_is_drawn():
    top_level = (
        f"{module.name} imports WeasyPrint when it is loaded"
        for module in MODULES
        for node in module.tree.body
        if isinstance(node, ast.Import | ast.ImportFrom) and "weasyprint" in ast.unparse(node)
    )

    assert not failures(top_level)


def test_modules_are_named_for_what_they_do():
    parts = ((module.name, part.removesuffix(".py")) for module in MODULES for part in module.name.split("/"))

    assert not failures(f"{name}: {part}" for name, part in parts if part in FORBIDDEN_NAMES)


def test_a_name_says_what_the_value_is():
    assert not failures(
        f"{module.name}:{line}: {name}"
        for module in MODULES
        for line, name in identifiers(module.tree)
        if name.strip("_").lower() in EMPTY_NAMES
    )


def test_every_module_says_what_it_is_for():
    assert not failures(
        f"{module.name} has no docstring"
        for module in HAND_WRITTEN
        if module.text.strip() and not ast.get_docstring(module.tree)
    )


def test_no_file_is_longer_than_350_lines():
    lengths = ((module.name, module.text.count("\n")) for module in HAND_WRITTEN)

    assert not failures(f"{name}: {lines} lines" for name, lines in lengths if lines > 350)


def test_rows_are_held_in_one_place_and_so_in_one_order():
    holding = {module.name for module in HAND_WRITTEN if ".select_for_update(" in module.text}

    assert holding == {"riskregister/nouns.py"}


def test_nine_of_ten_functions_have_at_most_25_lines():
    lengths = sorted(length(function) for module in HAND_WRITTEN for function in functions(module.tree))

    assert lengths[math.ceil(len(lengths) * 0.9) - 1] <= 25


def test_a_celery_task_has_at_most_five_lines():
    def tasks() -> Iterator[str]:
        for module in HAND_WRITTEN:
            for function in functions(module.tree):
                decorated = any("shared_task" in ast.unparse(decorator) for decorator in function.decorator_list)
                if decorated and length(function) > 5 + 1:
                    yield f"{module.name}:{function.lineno} {function.name}: {length(function) - 1} lines"

    assert not failures(tasks())


CLOCKS = {"timezone.now", "datetime.now", "datetime.utcnow", "date.today", "timezone.localdate", "timezone.localtime"}


def test_the_clock_is_read_in_doors_tasks_and_commands_only():
    def readers() -> Iterator[str]:
        for module in HAND_WRITTEN:
            if any(place in module.name for place in CLOCK_READERS):
                continue
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Attribute) and ast.unparse(node) in CLOCKS and not _converts(node, module):
                    yield f"{module.name}:{node.lineno} reads {ast.unparse(node)}"

    assert not failures(readers())


def _converts(clock: ast.Attribute, module: Module) -> bool:
    """Return whether the call gets a moment as argument: `localtime(value)` converts, `localtime()` reads."""
    calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call) and node.func is clock)
    local = clock.attr in {"localdate", "localtime"}
    return local and any(call.args or call.keywords for call in calls)


def _unaudited(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "CompiledUpdate":
            yield node.lineno, "CompiledUpdate"
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        receiver = ast.unparse(node.func.value)
        call = f"{receiver}.{node.func.attr}"
        conditional = node.func.attr == "update" and any(word in receiver for word in QUERYSET_WORDS)
        if node.func.attr in BULK_WRITES or conditional or receiver == "inserting":
            yield node.lineno, call


def test_writes_that_the_audit_log_cannot_see_are_listed_with_a_reason():
    found = [(module.name, line, call) for module in HAND_WRITTEN for line, call in _unaudited(module)]
    unlisted = (f"{name}:{line} {call}" for name, line, call in found if name not in UNAUDITED_WRITES)

    assert not failures(unlisted)


def test_the_list_of_unaudited_writes_holds_nothing_that_is_gone():
    existing = {module.name for module in MODULES}

    assert not set(UNAUDITED_WRITES) - existing - {"audit/diffs.py"}
    assert all(len(reason.split()) >= 3 for reason in UNAUDITED_WRITES.values())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Vendor.objects.filter(pk=1).update(name='x')", True),
        ("Vendor.objects.bulk_create(rows)", True),
        ("inserting.insert(rows)", True),
        ("inserting.insert_values(Vendor, ('name',), rows)", True),
        ("CompiledUpdate(lambda: Vendor.objects.all(), name='x')", True),
        ("rows.insert(0, row)", False),
        ("digest.update(data)", False),
        ("payload.update(extra)", False),
    ],
)
def test_the_search_for_unaudited_writes_tells_a_queryset_from_a_dict(text: str, found: bool):
    module = Module(MODULES[0].path, text)

    assert bool(list(_unaudited(module))) is found


def test_the_search_for_clocks_tells_reading_from_converting():
    reads = Module(MODULES[0].path, "timezone.localtime()")
    converts = Module(MODULES[0].path, "timezone.localtime(moment)")

    assert [
        _converts(node, module)
        for module in (reads, converts)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
    ] == [False, True]


def test_relative_imports_count_like_absolute_ones():
    module = Module(MODULES[0].path.parent / "inner" / "module.py", "from ..models import Vendor")

    assert list(module.imports()) == [(1, f"{module.package}.models")]


def test_alerts_know_the_rooms_by_their_cards_and_events_only():
    """What an alert says of a row stands on its card and in its room's events.py."""
    known = {"alerts", "accounts", "audit", "jobs", "numbering", "riskregister", "scoring"}

    assert not failures(
        f"{module.name}:{line} imports {name}"
        for module in MODULES
        for line, name in module.imports()
        if module.package == "alerts" and name.split(".")[0] in set(STEP) - known
    )


# Who may take a step stands on the step alone: a page or an endpoint asks it (`may_somewhere`, `units`, `offer`). These
# ask for a role that no one step needs.
ROLE_READERS = {
    "web/page_parts/access.py": "The pages of the administration are read by administrators only.",
    "web/findings/acceptances.py": "Tells an approver who is barred that another one decides.",
    "web/accounts/account.py": "Leads an administrator back to the list of all tokens.",
    "web/assessments/decisions.py": "Shows what an approval lacks to those who can do something about it.",
    "web/assessments/final_assessments.py": "Offers the decision of the person whom nothing bars from it.",
    "web/findings/findingframe.py": "Names those who may decide instead of whoever is barred.",
    "web/home/home.py": "Which queues the home page has for whom.",
    "web/home/home_overview.py": "Which queues the home page has for whom.",
    "web/sections.py": "Which sections the navigation has for whom.",
    "web/servers/serverframe.py": "What the tabs of a server and of a vendor offer in one go.",
    "web/assessments/worksheet.py": "Whether the answers of an assessment are fields or text.",
    "api/v1/accounts/jobs.py": "The jobs are read by administrators only.",
    "api/v1/accounts/people.py": "Administrators look at everybody, others at themselves.",
}


def _asks_for_a_role(module: Module) -> bool:
    """Return whether the module names a capability other than that to read, which every page and endpoint needs."""
    return any(
        ast.unparse(node.value).split(".")[-1] == "Capability" and node.attr.isupper() and node.attr != "READ"
        for node in _nodes(module, ast.Attribute)
    )


def test_doors_ask_the_step_who_may_take_it():
    asking = {module.name for module in HAND_WRITTEN if module.package in {"web", "api"} and _asks_for_a_role(module)}

    assert asking == set(ROLE_READERS)


# The trail is written, not asked: what a rule needs to know is a column. These show it, print it or send it on.
TRAIL_READERS = {
    "accounts/access.py": "Which events a person may read.",
    "accounts/nouns.py": "The card of an event, for its page.",
    "alerts/models/alert.py": "An alert refers to its event.",
    "alerts/models/message.py": "What a channel is told refers to its event.",
    "alerts/recipients/recipients.py": "Whoever acted is not told; the actor stands on the event.",
    "alerts/relay.py": "Turns each event into alerts.",
    "alerts/recipients/deputising.py": "A subscriber: who is told in whose stead.",
    "alerts/rules/applying.py": "A subscriber: which rules may tell of an event.",
    "alerts/rules/preview.py": "Shows what a rule would have said.",
    "alerts/rules/seeing.py": "A subscriber: what rules see of an event.",
    "alerts/rules/telling.py": "A subscriber: whom the rules tell.",
    "alerts/recipients/moved_days.py": "An alert about a day is settled by a later event of the row, which has moved.",
    "alerts/recipients/settling.py": "An alert is settled by a later event about the same row.",
    "alerts/recipients/subjects.py": "A subscriber: fills in titles from the data that is declared.",
    "api/v1/proof/events.py": "The trail for machines.",
    "api/v1/proof/trail.py": "Proves for machines that an event is sealed.",
    "monitoring/verifying.py": "Compares observations with the events of the looks.",
    "reports/builders/assessment.py": "Prints the trail.",
    "reports/builders/vendor.py": "Prints the trail.",
    "reports/builders/history.py": "Prints the trail.",
    "reports/builders/register.py": "Prints the trail, and how often things happened.",
    "reports/builders/signoffs.py": "Prints who signed what, in which way.",
    "reports/verification.py": "Compares a report with the event that issued it.",
    "seal/entries.py": "Seals all that happened.",
    "seal/event_data.py": "Reads what an event says, for the checks.",
    "seal/people.py": "Compares whether and where people sign in with the events that say so.",
    "seal/sealed_rows.py": "Checks it against the seal.",
    "seal/proofs.py": "Proves that it is sealed.",
    "seal/management/commands/export_trail.py": "Writes it for others to check.",
    "seal/management/commands/prove_event.py": "Finds what is to be proved.",
    "vendors/verifying.py": "Compares the status and the tier of servers with the events that say them.",
    "web/page_parts/history.py": "The trail for people, on each object's page.",
    "web/proof/trail.py": "The trail for people.",
    "work/changes.py": "How often things happened, each number leading to the trail.",
    "work/trail.py": "How the trail is listed.",
}
# Of these, who looks into what was said; all others know an event by its columns.
BODY_READERS = {
    "alerts/rules/seeing.py": "A subscriber, by the declaration of the event.",
    "alerts/recipients/subjects.py": "A subscriber, by the declaration of the event.",
    "api/v1/proof/events.py": "Gives away the whole event.",
    "api/v1/proof/trail.py": "Gives the body away with its proof.",
    "monitoring/verifying.py": "Compares observations with what the events of the looks say.",
    "reports/verification.py": "Compares a report with what its event says.",
    "seal/entries.py": "Seals the body as it is stored.",
    "seal/event_data.py": "Reads the data of an event that may have been rewritten.",
    "seal/people.py": "Compares addresses with what events say.",
    "seal/sealed_rows.py": "Compares the body with the tree and the columns.",
    "seal/proofs.py": "Gives the body away with its proof.",
    "seal/management/commands/export_trail.py": "Gives away all bodies to be checked.",
    "vendors/verifying.py": "Compares the tier of servers with what events say.",
    "web/proof/trail.py": "Shows the body as it is stored, with its digest.",
}


# An alert and the snapshot of an assessment have a body, too.
BODIES_OF_THEIR_OWN = {"notice", "snapshot"}


def _nodes(module: Module, kind: type[N]) -> Iterator[N]:
    return (one for one in ast.walk(module.tree) if isinstance(one, kind))


def _reads_events(module: Module) -> bool:
    """Return whether the module takes the model of events (by name, with its module, by its label) or asks for rows."""
    named = {f"{one.module}.{alias.name}" for one in _nodes(module, ast.ImportFrom) for alias in one.names}
    named |= {alias.name for one in _nodes(module, ast.Import) for alias in one.names}
    asked = any(one.value == "audit.Event" for one in _nodes(module, ast.Constant))
    seen = any(one.attr == "visible_events" for one in _nodes(module, ast.Attribute))
    return asked or seen or bool(named & {"audit.models.Event", "audit.models", "audit.models.*"})


def _takes_steps(module: Module) -> bool:
    """Return whether the module declares a step or records an event."""
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"step", "record"}
        for node in ast.walk(module.tree)
    )


def _looks_into_events(module: Module) -> Iterator[int]:
    """Yield the lines on which the body of an event is read: its attribute, its data, or its column in a query."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in {"body", "data"}:
            if ast.unparse(node.value).split(".")[-1] not in BODIES_OF_THEIR_OWN:
                yield node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"values", "values_list", "only"}:
            yield from (node.lineno for one in node.args if isinstance(one, ast.Constant) and one.value == "body")


def test_the_trail_is_read_by_those_who_show_it_only():
    readers = {module.name for module in HAND_WRITTEN if module.package != "audit" and _reads_events(module)}

    assert readers == set(TRAIL_READERS)
    # No room looks up what happened in order to do something: of those who take steps nobody is among the readers.
    assert not {module.name for module in HAND_WRITTEN if module.name in readers and _takes_steps(module)}
    assert all(len(reason.split()) >= 3 for reason in (*TRAIL_READERS.values(), *BODY_READERS.values()))


def test_what_an_event_says_is_read_by_no_rule():
    looking = {
        module.name
        for module in HAND_WRITTEN
        if module.name in TRAIL_READERS and any(True for _ in _looks_into_events(module))
    }

    assert looking == set(BODY_READERS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from audit.models import Event", True),
        ("from audit import models", True),
        ("import audit.models", True),
        ("from audit.models import *", True),
        ("apps.get_model('audit.Event')", True),
        ("access.visible_events(user)", True),
        ("from audit.models import Outbox", False),
        ("from audit import trail", False),
    ],
)
def test_the_search_for_readers_of_the_trail_finds_them(text: str, found: bool):
    assert _reads_events(Module(MODULES[0].path, text)) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("json.loads(event.body)", True),
        ("event.data['owner']", True),
        ("Event.objects.values_list('body', flat=True)", True),
        ("Event.objects.values_list('verb', flat=True)", False),
        ("Event.objects.defer('body')", False),
    ],
)
def test_the_search_for_readers_of_what_is_said_finds_them(text: str, found: bool):
    assert bool(list(_looks_into_events(Module(MODULES[0].path, text)))) is found
