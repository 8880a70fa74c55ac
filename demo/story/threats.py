"""What the world says of threats in the example: one indicator, made up, that meets what a server contacted."""

from functools import partial
from pathlib import Path

from demo.diary import Diary
from demo.organisation import Organisation
from feeds import asking, managing
from feeds.models import Feed
from intelligence import egress_logs, matching, watching
from vendors.models import Server, Vendor

_LINE = "{}.000 5 10.0.0.5 TCP_TUNNEL/200 100 CONNECT {}:443 - HIER_DIRECT/- -\n"
_HOSTS = ("mcp.context7.com", "telemetry.collector.example")
_LIST = Path(__file__).parents[1] / "feeds" / "indicators.csv"


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary when a log of egress came, when a feed named one of its hosts, and what is watched."""
    diary.on(8, partial(_log, diary, organisation, "Context7", "jonas"))
    diary.on(6, partial(_feed, diary, organisation, "Context7", "amara"))
    diary.on(4, partial(_watch, diary, organisation, "Upstash", "jonas"))


def _log(diary: Diary, organisation: Organisation, title: str, by: str) -> None:
    at = int(diary.now.timestamp()) - 3600
    raw = "".join(_LINE.format(at + place, host) for place, host in enumerate(_HOSTS)).encode()
    taken = egress_logs.read(raw)
    diary.do(organisation.person(by), egress_logs.take, Server.objects.get(title=title), taken=taken)


def _feed(diary: Diary, organisation: Organisation, title: str, by: str) -> None:
    """Let a list of the example's own name one of the hosts; nothing is fetched."""
    person = organisation.person(by)
    feed = diary.do(
        person, managing.add, kind="indicators_csv", name="List of the example",
        where=Feed.Where.UPLOAD, every=0, silent_after=0, is_demo=True,
    )  # fmt: skip
    diary.do(person, asking.take_path, feed, _LIST)
    matching.match(Server.objects.get(title=title), now=diary.now)


def _watch(diary: Diary, organisation: Organisation, vendor: str, by: str) -> None:
    text = "The letter says from when on, and that pinned versions stay as they are. Look at the notes of the release."
    entry = {
        "kind": "other",
        "title": "A new major version is announced",
        "text": text,
        "source": "Letter to customers",
    }
    diary.do(organisation.person(by), watching.note, Vendor.objects.get(name=vendor), **entry)
