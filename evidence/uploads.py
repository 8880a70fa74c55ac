"""Where an upload waits while it arrives: beside the evidence, so that what a killed one leaves is cleared away."""

import tempfile
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

from evidence import store


class ArrivingFile(TemporaryUploadedFile):
    """A file in the folder of unfinished uploads, gone when it is closed."""

    def __init__(
        self, name: str | None, content_type: str | None, size: int, charset: str | None, extra: Any = None
    ) -> None:
        """Open an empty file."""
        file = tempfile.NamedTemporaryFile(suffix=".upload", dir=store.parts())  # noqa: SIM115 - closed by Django
        UploadedFile.__init__(self, file, name, content_type, size, charset, extra)


class ArrivingFileHandler(TemporaryFileUploadHandler):
    """Writes files that are too large for memory where `ArrivingFile` is."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = ArrivingFile(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)
