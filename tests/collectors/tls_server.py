"""Servers of TLS on free ports, each with a certificate, versions and ciphers of its own, and their authority."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

V = ssl.TLSVersion


@dataclass
class Authority:
    """An authority that signs certificates of servers; `root` is its own, in PEM."""

    folder: Path
    now: datetime

    def __post_init__(self) -> None:
        """Make its key and its certificate."""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority")])
        basic = x509.BasicConstraints(ca=True, path_length=None)
        made = self._builder(self.name, self.key, self.now + timedelta(days=900)).add_extension(basic, critical=True)
        self.root = self.folder / "root.pem"
        self.root.write_bytes(made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def certificate(self, host: str, *, ends: datetime) -> Path:
        """Return a file with a certificate for a host, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        names = x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))])
        made = self._builder(name, key, ends).add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        file = self.folder / f"{host}-{ends:%Y%m%d}.pem"
        plain = serialization.NoEncryption()
        form = serialization.PrivateFormat.PKCS8
        file.write_bytes(
            made.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(serialization.Encoding.PEM, form, plain)
        )  # fmt: skip
        return file

    def of_no_version(self, host: str, *, ends: datetime) -> Path:
        """Return the same in a version of X.509 that there is not; its signature is of another text then."""
        file = self.certificate(host, ends=ends)
        begins, between, key = file.read_text().partition("-----BEGIN PRIVATE KEY-----")
        written = x509.load_pem_x509_certificate(begins.encode()).public_bytes(serialization.Encoding.DER)
        changed = written.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020104"), 1)
        file.write_text(ssl.DER_cert_to_PEM_cert(changed) + between + key)
        return file

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, ends: datetime) -> x509.CertificateBuilder:
        begins = min(self.now, ends) - timedelta(days=30)
        return (
            x509.CertificateBuilder(subject_name=subject, issuer_name=self.name, public_key=key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
        )


def context(
    file: Path, *, lowest: ssl.TLSVersion = V.TLSv1_3, highest: ssl.TLSVersion = V.TLSv1_3, ciphers: str = "",
    asks_for: Path | None = None,
) -> ssl.SSLContext:  # fmt: skip
    """Return how a server speaks; `asks_for` is the authority of the certificates that it demands of clients."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(file)
    made.minimum_version, made.maximum_version = lowest, highest
    if ciphers:
        made.set_ciphers(ciphers)
    if asks_for:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(asks_for)
    return made


@contextmanager
def running(spoken: ssl.SSLContext | None) -> Iterator[str]:
    """Give the address of a server that shakes hands until the end of the block; None: it takes calls and is silent."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stopping = threading.Event()
        thread = threading.Thread(target=_serve, args=(listening, spoken, stopping), daemon=True)
        thread.start()
        try:
            yield f"https://localhost:{listening.getsockname()[1]}/mcp"
        finally:
            stopping.set()
            with socket.create_connection(listening.getsockname()):
                thread.join()


def _serve(listening: socket.socket, spoken: ssl.SSLContext | None, stopping: threading.Event) -> None:
    silent: list[socket.socket] = []
    while True:
        there, _address = listening.accept()
        if stopping.is_set():
            there.close()
            break
        if spoken is None:
            silent.append(there)
            continue
        with there:
            _speak(there, spoken)
    for one in silent:
        one.close()


def _speak(there: socket.socket, spoken: ssl.SSLContext) -> None:
    there.settimeout(30)
    try:
        with spoken.wrap_socket(there, server_side=True) as tls:
            tls.recv(4096)
            tls.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
    except OSError:
        return
