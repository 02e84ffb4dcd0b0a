"""Turn what an operator wrote into values, or refuse it without repeating it."""

import ipaddress
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import AfterValidator, SecretStr
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from typing_extensions import override

from bot.settings.problems import Wrong

_MAX_RUNGS = 6
_MAX_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where the web server listens; port 0 lets the system choose one."""

    host: str
    port: int

    @override
    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def secret(pattern: str, wrong: str) -> AfterValidator:
    """Check a secret's form; ``wrong`` says what it is not."""

    def check(value: SecretStr) -> SecretStr:
        if not re.fullmatch(pattern, value.get_secret_value()):
            raise Wrong(wrong)
        return value

    return AfterValidator(check)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def address(url: str) -> str:
    """Accept an address that secrets may be sent to; it loses a slash at its end."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Wrong("is not a URL") from None
    if not host or port == 0 or not re.fullmatch(r"https?://[!-~]+", url, re.IGNORECASE):
        raise Wrong("is not a URL like https://host/path")
    if "@" in parts.netloc or "?" in url or "#" in url:
        raise Wrong("must be an address only, without user, password, query or fragment")
    if parts.scheme == "http" and not _is_loopback(host):
        raise Wrong("must begin with https:// (http is for this machine only)")
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def app_url(values: Mapping[str, Any]) -> str:
    """Derive the web app's address from the API's: Buddy's cloud by region, or self-hosted."""
    api = str(values["buddy_api_url"])
    host = urlsplit(api).hostname or ""
    if host.startswith("api.") and host.endswith(".buddy.works"):
        return f"https://app.{host.removeprefix('api.')}"
    return api.removesuffix("/api")


def certificates(path: Path) -> Path:
    """Accept a file of certificates, so that a wrong one is noticed before the first call."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except (OSError, ValueError):
        raise Wrong("does not name a readable file of PEM certificates") from None
    return path


_DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def database(secret: SecretStr) -> SecretStr:
    """Accept a SQLite file or a PostgreSQL database, with or without the driver's name."""
    url = secret.get_secret_value()
    scheme, _, rest = url.partition("://")
    if scheme in _DRIVERS:
        return SecretStr(_postgresql(f"{_DRIVERS[scheme]}://{rest}"))
    return SecretStr(_sqlite(url))


def _postgresql(url: str) -> str:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise Wrong("is not a URL like postgresql://user@host/database") from None
    if not parsed.database:
        raise Wrong("must name a database: postgresql://user@host/database")
    if parsed.drivername.endswith("psycopg") and find_spec("psycopg") is None:
        raise Wrong("asks for psycopg, which is not installed")
    return url


def open_address(url: str) -> str:
    """Accept the address of a PostgreSQL on a command line, where everybody can read it.

    Raises:
        Wrong: it is none, or holds a password; never repeats it.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in _DRIVERS:
        raise Wrong("is not a URL like postgresql://user@host/database")
    address = _postgresql(f"{_DRIVERS[scheme]}://{rest}")
    parsed = make_url(address)
    if parsed.password is not None or "password" in parsed.query:
        raise Wrong(
            "must hold no password, which everybody on this machine could read. Put it into "
            "PGPASSWORD or a password file, as for PostgreSQL's own commands"
        )
    return address


def password_in(database_url: SecretStr) -> str:
    """Tell the password that a database's address holds, if it holds one."""
    return make_url(database_url.get_secret_value()).password or ""


def _sqlite(url: str) -> str:
    scheme, _, path = url.partition(":///")
    # Files written for earlier versions name the driver that they used.
    if scheme not in {"sqlite", "sqlite+aiosqlite"}:
        raise Wrong("is neither the URL of a SQLite file nor of a PostgreSQL database")
    if not path or path.startswith((":", "file:")) or "?" in path or "\0" in path:
        raise Wrong("must name a file, without options (what is kept in memory is lost)")
    if not Path(path).parent.is_dir():
        raise Wrong("names a file in a folder that does not exist")
    return f"sqlite:///{path}"


def several(raw: object) -> object:
    """Read a JSON list or a comma-separated one."""
    if not isinstance(raw, str):
        return raw
    if not raw.lstrip().startswith("["):
        return [part.strip() for part in raw.split(",") if part.strip()]
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Wrong("is neither a JSON list nor a comma-separated one") from None


def fernet_keys(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    """Accept keys that the vault can use."""
    for position, key in enumerate(keys, start=1):
        try:
            Fernet(key.get_secret_value())
        except ValueError:
            raise Wrong(f"has something at position {position} that is not a key") from None
    return keys


def listen_address(raw: object) -> object:
    """Read ``host:port`` and ``[::1]:port``."""
    if not isinstance(raw, str):
        return raw
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+)):([0-9]{1,5})", raw.strip())
    if found is None or int(found[3]) >= 1 << 16:
        raise Wrong("is not host:port")
    return ListenAddress(host=found[1] or found[2], port=int(found[3]))


def command_name(name: str) -> str:
    """Accept a slash and at most 31 plain characters.

    The length is Slack's. Source: slackapi/manifest-schema, ``slash_commands``. The choice of
    characters is on the safe side: everybody can type them on every keyboard.
    """
    if not re.fullmatch(r"/[a-z0-9_-]{1,31}", name):
        raise Wrong("is not a name for a slash command")
    return name


def lower_case(raw: object) -> object:
    """Read ``INFO`` as ``info``."""
    return raw.strip().lower() if isinstance(raw, str) else raw


def ladder(text: str) -> str:
    """Check durations such as ``15m, 1h, 4h``, or ``off``."""
    if text.strip().lower() == "off":
        return "off"
    rungs = [re.fullmatch(r"([1-9][0-9]{0,4})(m|h|d)", each) for each in re.split(r"[,\s]+", text)]
    minutes = {"m": 1, "h": 60, "d": 24 * 60}
    found = [int(rung[1]) * minutes[rung[2]] for rung in rungs if rung is not None]
    if len(found) != len(rungs) or len(found) > _MAX_RUNGS or max(found) > _MAX_MINUTES:
        raise Wrong("is no list of durations")
    return ", ".join(rung[0] for rung in rungs if rung is not None)


def duration(raw: object) -> object:
    """Read ``10`` and ``10s``; ISO 8601 (``PT10S``) is left to pydantic."""
    if not isinstance(raw, str) or raw.strip().startswith("P"):
        return raw
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*s?", raw.strip())
    if found is None:
        raise Wrong("is not a duration")
    return timedelta(seconds=float(found[1]))
