"""Time stamps of RFC 3161: the query for a text, and what an authority's answer proves of it.

An answer is kept as it came, so that `openssl ts -verify` checks it too.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from seal.formats import der
from seal.formats.der import Item, NotDer

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
_SHA256 = der.oid("2.16.840.1.101.3.4.2.1")
_HASHES: dict[bytes, hashes.HashAlgorithm] = {
    _SHA256: hashes.SHA256(),
    der.oid("2.16.840.1.101.3.4.2.2"): hashes.SHA384(),
    der.oid("2.16.840.1.101.3.4.2.3"): hashes.SHA512(),
}
_SIGNED_DATA, _TST_INFO = der.oid("1.2.840.113549.1.7.2"), der.oid("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE, _MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.3"), der.oid("1.2.840.113549.1.9.4")
Certificates = Sequence[x509.Certificate]
# What is between the authority and whom one trusts.
_LONGEST_CHAIN = 4
# What reading bytes that somebody made up can raise: our reader of DER, and that of certificates.
_UNREADABLE = (
    IndexError,
    NotDer,
    RecursionError,
    UnsupportedAlgorithm,
    ValueError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


class NotStamped(Exception):
    """The answer does not prove that the text was there; the message says why."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """When an authority saw the text, and the number that the query had (None: it repeats none)."""

    at: datetime
    nonce: int | None


def query(text: str, *, nonce: int) -> bytes:
    """Return the query for a text's SHA-256, which asks for the authority's certificate."""
    algorithm = der.encoded(der.SEQUENCE, _SHA256, der.encoded(der.NULL))
    imprint = der.encoded(der.SEQUENCE, algorithm, der.encoded(der.OCTETS, _digest(text)))
    return der.encoded(der.SEQUENCE, der.integer(1), imprint, der.integer(nonce), der.encoded(der.BOOLEAN, b"\xff"))


def read(answer: bytes, text: str, *, trusted: Certificates) -> Stamp:
    """Return what an answer proves of a text, by the certificates that are trusted. Raises NotStamped."""
    try:
        signed = _signed_data(der.read(answer))
        tst_info = der.read(signed.item(der.SEQUENCE).item(0xA0).item(der.OCTETS).content)
        at, nonce = _moment_and_nonce(tst_info, text)
        signer = signed.items()[-1].item(der.SEQUENCE)
        _check_signature(signed, signer, tst_info, at=at, trusted=trusted)
    except _UNREADABLE as error:
        raise NotStamped(f"The answer cannot be read: {error}") from error
    return Stamp(at, nonce)


def certificates(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates of a PEM file. Raises ValueError."""
    return x509.load_pem_x509_certificates(pem)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _signed_data(answer: Item) -> Item:
    parts = answer.items()
    status = int.from_bytes(parts[0].item(der.INTEGER).content)
    if status > 1 or len(parts) < 2:
        raise NotStamped(f"The authority refused with status {status}.")
    if parts[1].item(der.OID).whole != _SIGNED_DATA:
        raise NotStamped("The answer is not signed.")
    return parts[1].item(0xA0).item(der.SEQUENCE)


def _moment_and_nonce(tst_info: Item, text: str) -> tuple[datetime, int | None]:
    """Return moment and nonce of what was signed, which must be about the text."""
    imprint = tst_info.item(der.SEQUENCE)
    if imprint.item(der.SEQUENCE).item(der.OID).whole != _SHA256 or imprint.item(der.OCTETS).content != _digest(text):
        raise NotStamped("The stamp is of another text.")
    numbers = [one for one in tst_info.items() if one.tag == der.INTEGER]
    moment = tst_info.item(der.TIME).content.decode("ascii").removesuffix("Z").partition(".")[0]
    nonce = int.from_bytes(numbers[2].content) if len(numbers) > 2 else None
    return datetime.strptime(moment, "%Y%m%d%H%M%S").replace(tzinfo=UTC), nonce


def _check_signature(signed: Item, signer: Item, tst_info: Item, *, at: datetime, trusted: Certificates) -> None:
    parts = signer.items()
    algorithm = _HASHES.get(parts[2].item(der.OID).whole)
    attributes = next((one for one in parts if one.tag == 0xA0 and one is not parts[1]), None)
    if algorithm is None or attributes is None:
        raise NotStamped("The stamp is signed in a way that is not known.")
    _check_attributes(attributes, tst_info, algorithm)
    found = [x509.load_der_x509_certificate(one.whole) for one in _certificates(signed)]
    certificate = _of_signer(parts[1], [*found, *trusted])
    _check_certificate(certificate, [*found], at=at, trusted=trusted)
    signature = next((one.content for one in parts if one.tag == der.OCTETS), None)
    if signature is None:
        raise NotStamped("The stamp has no signature.")
    # Signed is the set that the attributes are, not the tag under which they stand.
    _verify(certificate, signature, der.encoded(der.SET, attributes.content), algorithm)


def _check_attributes(attributes: Item, tst_info: Item, algorithm: hashes.HashAlgorithm) -> None:
    values = {one.item(der.OID).whole: one.item(der.SET).items()[0] for one in attributes.items()}
    digest = hashes.Hash(algorithm)
    digest.update(tst_info.whole)
    kind, found = values.get(_CONTENT_TYPE), values.get(_MESSAGE_DIGEST)
    if kind is None or kind.whole != _TST_INFO or found is None or found.content != digest.finalize():
        raise NotStamped("What was signed is not what the stamp says.")


def _certificates(signed: Item) -> list[Item]:
    return next((one.items() for one in signed.items() if one.tag == 0xA0), [])


def _of_signer(named: Item, known: Certificates) -> x509.Certificate:
    """Return the certificate that a signer names by issuer and number."""
    if named.tag != der.SEQUENCE:
        raise NotStamped("The signer is not named by issuer and number.")
    issuer, number = named.item(der.SEQUENCE).whole, int.from_bytes(named.item(der.INTEGER).content)
    for one in known:
        if one.serial_number == number and one.issuer.public_bytes() == issuer:
            return one
    raise NotStamped("The signer's certificate is not there.")


def _check_certificate(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    *,
    at: datetime,
    trusted: Certificates,
) -> None:
    """Raise NotStamped unless it is for time stamps, was valid then, and leads to whom one trusts."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound as error:
        raise NotStamped("The signer's certificate is not one for time stamps.") from error
    if list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise NotStamped("The signer's certificate is not one for time stamps.")
    here = certificate
    for _step in range(_LONGEST_CHAIN):
        if not here.not_valid_before_utc <= at <= here.not_valid_after_utc:
            raise NotStamped("A certificate was not valid at the moment of the stamp.")
        if here in trusted or any(_issued(one, here) for one in trusted):
            return
        above = next((one for one in others if one != here and _issued(one, here)), None)
        if above is None:
            break
        here = above
    raise NotStamped("The signer's certificate leads to nobody who is trusted.")


def _issued(issuer: x509.Certificate, issued: x509.Certificate) -> bool:
    try:
        issued.verify_directly_issued_by(issuer)
        return bool(issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False


def _verify(certificate: x509.Certificate, signature: bytes, text: bytes, algorithm: hashes.HashAlgorithm) -> None:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, text, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, text, ec.ECDSA(algorithm))
        else:
            raise NotStamped("The signer's key is of a kind that is not known.")
    except InvalidSignature as error:
        raise NotStamped("The stamp is not signed by its certificate.") from error
