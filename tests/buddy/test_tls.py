"""A self-hosted Buddy with a certificate of its own."""

import ipaddress
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from structlog.testing import capture_logs

from bot.buddy.wire import BuddyOperation
from bot.clock import SystemClock
from bot.errors import BuddyUnavailable
from tests.buddy.samples import sample
from tests.buddy.scripted import connected


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Make a self-signed certificate for loopback; its key lies in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "buddy on loopback")])
    now = SystemClock().now()
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "buddy.pem"
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    file.write_bytes(
        signed.public_bytes(pem) + key.private_bytes(pem, form, serialization.NoEncryption())
    )
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """Serve with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_a_private_authority_is_trusted_when_it_is_named(
    tls: ssl.SSLContext, certificate: Path
) -> None:
    """The CA file is all that a self-hosted Buddy needs."""
    async with connected(tls=tls, ca_file=certificate) as line:
        line.far.says(sample("user"))
        assert (await line.client.user()).id == 2
        assert line.far.address.startswith("https://")


async def test_an_unknown_authority_gets_no_token(tls: ssl.SSLContext) -> None:
    """Without the CA file nothing is sent, and the log tells the operator why."""
    async with connected(tls=tls) as line:
        with capture_logs() as logs, pytest.raises(BuddyUnavailable):
            await line.client.operate(line.ref(), BuddyOperation.CANCEL)
        assert line.far.heard == []
    assert [entry["reason"] for entry in logs] == ["ClientConnectorCertificateError"]
