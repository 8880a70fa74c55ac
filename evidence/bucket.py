"""Files in an S3-compatible bucket, where RISKREGISTER_BLOB_STORE_URL names one; else this module is never loaded.

The keys come from where boto3 looks for them: AWS_ACCESS_KEY_ID and its like, a credentials file, the machine's role.
"""

import logging
import shutil
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from storages.backends.s3 import S3Storage

from evidence import store

log = logging.getLogger("evidence")

# The most that one PUT takes. One PUT is kept whole or not at all, and the bucket compares it with the SHA-256.
_ONE_PUT = 5 * 1024**3
_CHUNK = 256 * 1024


class Bucket(S3Storage):  # type: ignore[misc]  # Its package has no types.
    """Keeps an object in one request and fetches it in one, and says `StoreUnreachable` for what is no answer."""

    def __init__(self, *, addressing_style: str, **options: Any) -> None:
        """Take the options of S3Storage but for its client and its transfers."""
        client = Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 3},
            s3={"addressing_style": addressing_style},
            # A damaged object is to be told from a bucket that does not answer; the register hashes it itself.
            response_checksum_validation="when_required",
        )
        transfers = TransferConfig(multipart_threshold=_ONE_PUT, use_threads=False)
        super().__init__(client_config=client, transfer_config=transfers, **options)

    def exists(self, name: str) -> bool:
        """Return whether the bucket has an object of that name."""
        with _answering():
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        """Delete the object; one that is not there is no error."""
        with _answering():
            super().delete(name)

    def _save(self, name: str, content: "File[bytes]") -> str:
        with _answering():
            return str(super()._save(name, content))

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        # S3Storage's own file asks twice and holds the object in memory.
        file = tempfile.TemporaryFile(dir=store.parts())  # noqa: SIM115 - whoever asked closes it
        try:
            with _answering():
                client = self.connection.meta.client
                answer = client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
                shutil.copyfileobj(answer["Body"], file, _CHUNK)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return File(file, name=name)

    def _get_write_parameters(self, name: str, content: "File[bytes] | None" = None) -> dict[str, Any]:
        sha256 = name.rpartition("/")[2]
        digest = b64encode(bytes.fromhex(sha256)).decode()
        return {**super()._get_write_parameters(name, content), "ChecksumSHA256": digest}


@contextmanager
def _answering() -> Iterator[None]:
    """Raise FileNotFoundError for an object that is not there, StoreUnreachable for every other failure."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "NoSuchKey":
            raise FileNotFoundError(str(error)) from error
        raise _unreachable(error) from error
    except (BotoCoreError, Boto3Error) as error:
        raise _unreachable(error) from error


def _unreachable(error: Exception) -> store.StoreUnreachable:
    log.error("The bucket of the files does not answer as it should: %s", error)
    return store.StoreUnreachable("The place of the files does not answer. Try again in a few minutes.")
