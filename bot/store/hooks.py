"""Hooks: the addresses of ours that Buddy calls, and the secrets that it must know.

An address ends with an id that cannot be guessed. Of a secret only its hash is stored: secrets are
made here, at random and long, so that a plain hash cannot be reversed. After a rotation the secret
before counts for a while, since somebody has to carry the new one into Buddy.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import RowMapping, bindparam, delete, insert, or_, select, update

from bot.database import Transaction
from bot.domain.person import Person
from bot.store.tables import hook

ROTATION = timedelta(hours=24)
"""How long the secret before counts."""

NOTED_EVERY = timedelta(minutes=1)
"""How often it is written down that an address was called."""

_BYTES = 24
_NOBODY = "0" * 64
"""Compared where there is no such address, so that it takes as long."""

_GET = select(hook).where(hook.c.id == bindparam("id"))
_HOLD = _GET.with_for_update()
_OF_WORKSPACE = (
    select(hook)
    .where(
        hook.c.team == bindparam("team"),
        hook.c.host == bindparam("host"),
        hook.c.workspace == bindparam("workspace"),
    )
    .order_by(hook.c.created_at, hook.c.id)
)
_CHANGE = update(hook).where(hook.c.id == bindparam("id_"))
_NOTE = _CHANGE.where(
    or_(hook.c.last_delivery_at.is_(None), hook.c.last_delivery_at < bindparam("before"))
)
_RENAME = update(hook).where(
    hook.c.team == bindparam("team_"),
    hook.c.host == bindparam("host_"),
    hook.c.workspace == bindparam("old"),
)
_DROP = delete(hook).where(hook.c.id == bindparam("id_"))


class HookKind(StrEnum):
    """Who calls."""

    WEBHOOK = "webhook"
    """A workspace's webhook, at the start and at the end of executions."""

    STEP = "step"
    """A pipeline's own step, when a gate opens."""

    @property
    def path(self) -> str:
        """Where such addresses begin, below the bot's own; the id comes after a slash."""
        return _PATHS[self]


_PATHS = {HookKind.WEBHOOK: "/buddy/webhooks", HookKind.STEP: "/buddy/runs"}


@dataclass(frozen=True, slots=True)
class Hook:
    """An address of ours that Buddy calls."""

    id: str = field(repr=False)
    kind: HookKind
    team: str
    host: str
    workspace: str
    owner: Person
    webhook: int | None
    """Buddy's number of the webhook, where the bot made it itself."""

    created_at: datetime
    last_delivery_at: datetime | None
    secret_hash: str = field(repr=False)
    previous_hash: str = field(repr=False)
    previous_until: datetime | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A hook together with its secret, which is shown once and kept by nobody."""

    kind: HookKind
    hook_id: str = field(repr=False)
    secret: str = field(repr=False)

    def url(self, public_url: str) -> str:
        """Write the whole address, which somebody pastes into Buddy."""
        return f"{public_url}{self.kind.path}/{self.hook_id}"


async def issue(  # noqa: PLR0913 - what a hook is for
    transaction: Transaction,
    kind: HookKind,
    owner: Person,
    host: str,
    workspace: str,
    now: datetime,
    *,
    webhook: int | None = None,
) -> Issued:
    """Make an address and its secret."""
    made = Issued(kind, secrets.token_urlsafe(_BYTES), secrets.token_urlsafe(_BYTES))
    values = {
        "id": made.hook_id,
        "kind": kind.value,
        "team": owner.team,
        "host": host,
        "workspace": workspace,
        "user": owner.user,
        "secret_hash": hashed(made.secret),
        "previous_hash": "",
        "previous_until": None,
        "webhook": webhook,
        "created_at": now,
        "last_delivery_at": None,
    }
    await transaction.run(insert(hook).values(**values))
    return made


async def rotate(
    transaction: Transaction, hook_id: str, now: datetime, *, since: datetime | None = None
) -> Issued | None:
    """Make a new secret; the old one counts for a day. None where there is no such address.

    Of several who do so at one moment, each keeps the secret of the one before them. One that was
    made since a moment never reached anybody: what was before it still counts.
    """
    found = await hold(transaction, hook_id)
    if found is None:
        return None
    made = Issued(found.kind, hook_id, secrets.token_urlsafe(_BYTES))
    until = found.previous_until
    is_again = since is not None and until is not None and until >= since + ROTATION
    told = {
        "secret_hash": hashed(made.secret),
        "previous_hash": found.previous_hash if is_again else found.secret_hash,
        "previous_until": now + ROTATION,
    }
    await transaction.run(_CHANGE, {"id_": hook_id, **told})
    return made


async def restore(transaction: Transaction, before: Hook, refused: Issued) -> None:
    """Take back a new secret that Buddy did not take; not one that was made since."""
    told = {
        "secret_hash": before.secret_hash,
        "previous_hash": before.previous_hash,
        "previous_until": before.previous_until,
    }
    of_ours = _CHANGE.where(hook.c.secret_hash == hashed(refused.secret))
    await transaction.run(of_ours, {"id_": before.id, **told})


async def get(transaction: Transaction, hook_id: str) -> Hook | None:
    """Find an address by the end of its path."""
    rows = await transaction.run(_GET, {"id": hook_id})
    row = rows.mappings().one_or_none()
    return None if row is None else _read(row)


async def hold(transaction: Transaction, hook_id: str) -> Hook | None:
    """Find an address, which nobody else changes before this transaction is stored."""
    row = (await transaction.run(_HOLD, {"id": hook_id})).mappings().one_or_none()
    return None if row is None else _read(row)


async def of_workspace(
    transaction: Transaction, team: str, host: str, workspace: str
) -> list[Hook]:
    """List the addresses that a Buddy workspace may call for a team, the oldest first."""
    told = {"team": team, "host": host, "workspace": workspace}
    return [_read(row) for row in (await transaction.run(_OF_WORKSPACE, told)).mappings()]


async def note_webhook(transaction: Transaction, hook_id: str, number: int) -> None:
    """Note under which number Buddy keeps the webhook that the bot made."""
    await transaction.run(_CHANGE, {"id_": hook_id, "webhook": number})


async def note_deleted(transaction: Transaction, hook_id: str) -> None:
    """Note that Buddy has no webhook any more that calls an address."""
    told = {"id_": hook_id, "webhook": None, "last_delivery_at": None}
    await transaction.run(_CHANGE, told)


async def learn_workspace(
    transaction: Transaction, team: str, host: str, old: str, new: str
) -> None:
    """Note that a workspace has another name now: its webhook and its steps call all the same."""
    told = {"team_": team, "host_": host, "old": old, "workspace": new}
    await transaction.run(_RENAME, told)


async def note_delivery(transaction: Transaction, hook_id: str, now: datetime) -> None:
    """Note that an address was called, now and then."""
    told = {"id_": hook_id, "before": now - NOTED_EVERY, "last_delivery_at": now}
    await transaction.run(_NOTE, told)


async def remove(transaction: Transaction, hook_id: str) -> bool:
    """Forget an address; whether there was one."""
    return (await transaction.run(_DROP, {"id_": hook_id})).rowcount > 0


def is_secret(known: Hook | None, secret: str, now: datetime) -> bool:
    """Tell whether a caller knows the secret; as long for an address that nobody has."""
    told = hashed(secret)
    current = hmac.compare_digest(told, known.secret_hash if known else _NOBODY)
    before = hmac.compare_digest(told, (known.previous_hash if known else "") or _NOBODY)
    until = known.previous_until if known else None
    return current or (before and until is not None and now < until)


def hashed(secret: str) -> str:
    """Hash a secret, whatever somebody may have sent in its place."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _read(row: RowMapping) -> Hook:
    return Hook(
        id=row["id"],
        kind=HookKind(row["kind"]),
        team=row["team"],
        host=row["host"],
        workspace=row["workspace"],
        owner=Person(row["team"], row["user"]),
        webhook=row["webhook"],
        created_at=row["created_at"],
        last_delivery_at=row["last_delivery_at"],
        secret_hash=row["secret_hash"],
        previous_hash=row["previous_hash"],
        previous_until=row["previous_until"],
    )
