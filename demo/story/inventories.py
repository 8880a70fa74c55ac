"""What the example's servers are built from, which advisories hit them, and what becomes of that.

The lock files and the advisories are real (demo/inventories, demo/feeds); who brings them when is made up.
"""

from functools import partial
from pathlib import Path

from composition import hits, work_list
from composition.comparison import comparing
from composition.documents import reading
from composition.inventories import taking
from composition.models import Comparison
from demo.diary import Diary
from demo.organisation import Organisation
from demo.story.case import EXAMPLE
from feeds import asking, managing, silence
from feeds.models import Feed
from findings import register, remediation
from findings.models import Finding
from jobs.models import Job
from vendors.models import Release, Server

HERE = Path(__file__).resolve().parent.parent
ADVISORIES, EXPLOITED = "Advisories of the example", "CISA KEV"
# For how many hours nobody misses a file of it.
QUIET = {ADVISORIES: 30 * 24, EXPLOITED: 14 * 24}
GIT = "src/git/uv.lock"


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary when feeds and inventories are taken in; most servers have none, and of those nothing is known.

    After the first inventory of Git three advisories come that hit it, and a later one has the fix.
    """
    diary.on(26, partial(_add_feeds, diary, organisation))
    diary.on(26, partial(_feed, diary, organisation, ADVISORIES, "advisories-1.jsonl"))
    diary.on(26, partial(_feed, diary, organisation, EXPLOITED, "exploited.json"))
    for title, file, scope, by in (
        ("Context7", "context7/pnpm-lock.yaml", "", "jonas"),
        ("Time", "time/uv.lock", "src/time/uv.lock", "lena"),
        ("Playwright", "playwright/package-lock.json", "", "tomas"),
        ("AWS Documentation", "aws-documentation-image.cdx.json", "Our image", "tomas"),
    ):
        diary.on(25, partial(_take, diary, organisation, title, file, scope=scope, by=by))
    diary.on(19, partial(_take, diary, organisation, "Git", "git-2026-06-29/uv.lock", scope=GIT, by="jonas"))
    diary.on(18, partial(_plan, diary, organisation))
    diary.on(16, partial(_feed, diary, organisation, ADVISORIES, "advisories-2.jsonl"))
    diary.on(11, lambda: silence.note(now=diary.now))
    diary.on(10, partial(_take, diary, organisation, "Git", "git-2026-07-29/uv.lock", scope=GIT, by="jonas"))
    diary.on(1, partial(_compare_all, diary))


def _add_feeds(diary: Diary, organisation: Organisation) -> None:
    amara = organisation.person("amara")
    for name, kind in ((ADVISORIES, "osv"), (EXPLOITED, "kev")):
        diary.do(
            amara, managing.add, kind=kind, name=name, where=Feed.Where.UPLOAD, is_whole=False,
            silent_after=QUIET[name], is_demo=True,
        )  # fmt: skip


def _feed(diary: Diary, organisation: Organisation, name: str, file: str) -> None:
    feed = Feed.objects.get(name=name)
    diary.do(organisation.person("amara"), asking.take_path, feed, HERE / "feeds" / file)
    _compare(diary)


def _take(diary: Diary, organisation: Organisation, title: str, file: str, *, scope: str, by: str) -> None:
    path = HERE / "inventories" / file
    document = path.read_bytes()
    release = Release.objects.relied_on(Server.objects.get(title=title))
    listing = reading.read(path.name, document)
    diary.do(organisation.person(by), taking.take, release, listing, document, file_name=path.name, scope=scope)
    _compare(diary)


def _plan(diary: Diary, organisation: Organisation) -> None:
    """Plan what is done about the package that hits Context7."""
    finding = Finding.objects.get(server__title="Context7", title__startswith="qs:")
    jonas, sofia = organisation.person("jonas"), organisation.person("sofia")
    diary.do(sofia, register.assign, finding, owner=jonas)
    description = f"Ask the vendor for a release with qs 6.14.1. {EXAMPLE}"
    diary.do(jonas, remediation.plan, finding, description=description, target_on=finding.due_on)


def _compare(diary: Diary) -> None:
    """Do what the job does that was promised: compare what is due, and note that it is done."""
    comparing.compare_changed(now=diary.now)
    for row in Comparison.objects.filter(is_due=True).select_related("server"):
        hits.compare(row.server, now=diary.now)
    Job.objects.filter(kind=work_list.COMPARE).delete()


def _compare_all(diary: Diary) -> None:
    """Compare everything once more, as the register does every few days."""
    work_list.promise(set(Comparison.objects.values_list("server", flat=True)), now=diary.now)
    _compare(diary)
