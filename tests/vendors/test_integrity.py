"""Digests of packages, in the forms in which registries and lock files write them."""

import base64
import hashlib

import pytest

from tests.tables import for_each
from vendors.naming import integrity
from vendors.naming.integrity import BrokenAlgorithm, Digest, WrongForm

FILE = b"the bytes of a package"
SHA256, SHA384, SHA512 = (getattr(hashlib, name)(FILE) for name in ("sha256", "sha384", "sha512"))


def subresource(algorithm: str, digest: bytes) -> str:
    return f"{algorithm}-{base64.b64encode(digest).decode()}"


@for_each(
    "text, digest",
    [
        (SHA256.hexdigest(), Digest("sha256", SHA256.hexdigest())),
        (SHA256.hexdigest().upper(), Digest("sha256", SHA256.hexdigest())),
        (f"sha256:{SHA256.hexdigest()}", Digest("sha256", SHA256.hexdigest())),
        (f"sha256={SHA256.hexdigest()}", Digest("sha256", SHA256.hexdigest())),
        (SHA384.hexdigest(), Digest("sha384", SHA384.hexdigest())),
        (subresource("sha384", SHA384.digest()), Digest("sha384", SHA384.hexdigest())),
        (subresource("sha512", SHA512.digest()), Digest("sha512", SHA512.hexdigest())),
        (subresource("sha512", SHA512.digest()) + "?option", Digest("sha512", SHA512.hexdigest())),
    ],
)
def test_each_form_names_the_same_file(text: str, digest: Digest):
    assert integrity.read(text) == {digest}


def test_several_stand_apart_by_white_space():
    text = f"{SHA256.hexdigest()}\n {subresource('sha512', SHA512.digest())}"
    assert {one.algorithm for one in integrity.read(text)} == {"sha256", "sha512"}


@for_each(
    "text",
    [
        "", " ", "1.2.3", "sha512-abc", "sha512-!!!", "a" * 63, "a" * 65, f"sha256:{'a' * 128}", f"sha3:{'a' * 64}",
        subresource("sha512", SHA256.digest()), f"sha256:{'g' * 64}", "sha256:", "-" * 5000,
        f"{SHA256.hexdigest()} and", "sha512-" + "A" * 85,
    ],
)  # fmt: skip
def test_what_is_no_digest_is_refused_with_the_forms(text: str):
    with pytest.raises(WrongForm, match="hexadecimal"):
        integrity.read(text)


@for_each("text", [f"sha1:{'a' * 40}", f"md5:{'a' * 32}", subresource("sha1", hashlib.sha1(FILE).digest())])
def test_an_algorithm_that_proves_nothing_is_named(text: str):
    with pytest.raises(BrokenAlgorithm, match="proves nothing"):
        integrity.read(text)
