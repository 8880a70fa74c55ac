"""A file of a feed that somebody uploads: kept first, and then taken in by a job."""

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from accounts.principals import Principal
from evidence import store
from feeds import asking
from feeds.models import Feed, FeedRun


def take_upload(feed: Feed, upload: "UploadedFile[Any]", *, by: Principal, now: datetime) -> FeedRun:
    """Return the run in which a job takes in an uploaded file, which stays as it came.

    Raises as `asking.take_file`, and FileRefused for a file that is empty or too large. Called without a transaction:
    large files take their time.
    """
    asking.take_file.require(feed, by)
    name = store.file_name(upload.name or "file")
    blob = store.put_unread(upload, now=now)
    return asking.take_file(feed, file=blob, file_name=name, by=by, now=now)
