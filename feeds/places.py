"""Where the files of a feed are: at an address, within the folder of feeds, uploaded, or named to a command."""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from evidence import store
from feeds import kinds
from feeds.kinds import Source
from feeds.models import Feed, FeedRun
from feeds.web import Web
from riskregister.refusals import Refused

_CHUNK = 256 * 1024
_STRAY_AFTER = 24 * 3600.0


class NotThere(Exception):
    """There is no file where the feed's should be; the message says so in a sentence."""


@contextmanager
def opened(run: FeedRun, *, named: Path | None = None) -> Iterator[Source]:
    """Give what a run reads; what was fetched is gone afterwards. Raises NotThere, web.NotFetched, kinds.UnknownKind.

    `named` is the file or folder that somebody who runs a command named.
    """
    feed, kind = run.feed, kinds.of(run.feed.kind)
    if named is not None:
        yield _local(feed, named)
    elif run.file is not None:
        with _uploaded(run) as source:
            yield source
    elif feed.where == Feed.Where.FOLDER:
        yield _local(feed, within(feed.place))
    elif feed.where == Feed.Where.ADDRESS:
        with _folder() as folder:
            yield kind.fetch(feed, _web(run, folder))
    else:
        raise NotThere("Nobody has uploaded a file for it yet.")


def within(place: str) -> Path:
    """Return the file or folder at a path within the folder of feeds. Raises NotThere."""
    if not settings.FEEDS_FOLDER:
        raise NotThere("This installation has no folder of feeds. RISKREGISTER_FEEDS_FOLDER names one.")
    root = Path(settings.FEEDS_FOLDER).resolve()
    try:
        path = (root / place).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise NotThere("This is no path of a file or folder.") from error
    if not path.is_relative_to(root):
        raise NotThere("The path leads out of the folder of feeds.")
    if not path.exists():
        raise NotThere("There is no such file or folder in the folder of feeds.")
    return path


def refuse_outside(place: str) -> None:
    """Raise Refused for a path that leads out of the folder of feeds; what it names may still come."""
    if not settings.FEEDS_FOLDER:
        raise Refused("This installation has no folder of feeds. RISKREGISTER_FEEDS_FOLDER names one.", field="place")
    root = Path(settings.FEEDS_FOLDER).resolve()
    if "\0" in place or not (root / place).resolve().is_relative_to(root):
        raise Refused("Name a path within the folder of feeds.", field="place")


def _local(feed: Feed, path: Path) -> Source:
    if not path.exists():
        raise NotThere(f"There is no file or folder {path.name}.")
    digest = "" if path.is_dir() else _digest(path)
    return Source(path, path.name, is_whole=feed.is_whole, digest=digest)


@contextmanager
def _uploaded(run: FeedRun) -> Iterator[Source]:
    """Give the uploaded file as one of this machine, wherever files are kept."""
    assert run.file is not None  # noqa: S101 - asked before
    try:
        blob = store.open_blob(run.file)
    except (store.FileLost, store.StoreUnreachable) as error:
        raise NotThere(error.message) from error
    with blob, _folder() as folder:
        path = folder / "uploaded"
        with path.open("wb") as out:
            shutil.copyfileobj(blob, out, _CHUNK)
        yield replace(_local(run.feed, path), name=run.file_name, digest=run.file.sha256)


def _web(run: FeedRun, folder: Path) -> Web:
    # Whoever asks gets it fetched anew: they may have a reason to doubt what was read last.
    known = {} if run.asked_by_id else run.feed.etags
    size = settings.FEEDS_MAX_BYTES
    return Web(folder, allowed=settings.OUTBOUND_ALLOW, size=size, known=known)


@contextmanager
def _folder() -> Iterator[Path]:
    """Give an empty folder that only this run uses; what a killed one left for a day goes."""
    root = Path(settings.DATA_DIR) / "feeds"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for stray in root.iterdir():
        # Another run may have removed it in between.
        with suppress(OSError):
            if stray.stat().st_mtime < time.time() - _STRAY_AFTER:
                shutil.rmtree(stray, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=root) as name:
        yield Path(name)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
