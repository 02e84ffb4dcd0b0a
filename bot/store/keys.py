"""Which key seals and which ones never will again, as all processes see it; and what is sealed."""

from enum import StrEnum

from sqlalchemy import select, update

from bot.database import Transaction
from bot.database.sealed import SealedColumn
from bot.store.tables import click, identity, run, run_memory, vault_key


class State(StrEnum):
    """What is said of a key."""

    SEALING = "sealing"
    RETIRED = "retired"
    LOST = "lost"


def account_owner(host: str, team: str, user: str) -> str:
    """Name what a sealed token belongs to."""
    return f"{host}/{team}/{user}"


def answer_owner(click_key: str) -> str:
    """Name what a sealed response URL belongs to."""
    return f"click/{click_key}"


def gate_owner(team: str, user: str, click_key: str, binding: str) -> str:
    """Name what sealed values belong to: who gave them, how, and to which gate.

    ``binding`` is written as the click's row holds it; empty until it is known what was meant.
    """
    return f"values/{team}/{user}/{click_key}/{binding}"


def values_owner(run_key: str) -> str:
    """Name what the sealed values of a run belong to."""
    return f"run/{run_key}"


def memory_owner(team: str, user: str, host: str, pipeline: int) -> str:
    """Name what the values belong to that somebody ran a pipeline with."""
    return f"memory/{host}/{pipeline}/{team}/{user}"


COLUMNS = (
    SealedColumn(
        "account", identity, identity.c.sealed_token.name, account_owner, ("host", "team", "user")
    ),
    SealedColumn("click", click, click.c.sealed_answer_url.name, answer_owner, ("key",)),
    SealedColumn(
        "form",
        click,
        click.c.sealed_values.name,
        gate_owner,
        ("team", "user", "key", "binding"),
    ),
    SealedColumn("run's values", run, run.c.sealed_values.name, values_owner, ("key",)),
    SealedColumn(
        "remembered run",
        run_memory,
        run_memory.c.sealed_values.name,
        memory_owner,
        ("team", "user", "host", "pipeline"),
    ),
    SealedColumn("run", run, run.c.sealed_answer_url.name, answer_owner, ("key",)),
)

_is_sealing = vault_key.c.state == State.SEALING.value


async def sealing(transaction: Transaction, *, held: bool = False) -> str | None:
    """Name the key that seals, if one does already; ``held``, nobody changes it meanwhile."""
    statement = select(vault_key.c.name).where(_is_sealing)
    rows = await transaction.run(statement.with_for_update() if held else statement)
    name: str | None = rows.scalar_one_or_none()
    return name


async def claim(transaction: Transaction, name: str) -> None:
    """Let a key be the first that seals; nothing happens if another was faster."""
    await transaction.insert_once(vault_key, {"name": name, "state": State.SEALING.value})


async def promote(transaction: Transaction, old: str, new: str) -> bool:
    """Let the new key seal instead of the old one; False if the old one sealed no more."""
    statement = update(vault_key).where(vault_key.c.name == old, _is_sealing).values(name=new)
    return (await transaction.run(statement)).rowcount == 1


async def retire(transaction: Transaction, name: str, state: State) -> None:
    """Remember that a key never seals again."""
    if not await transaction.insert_once(vault_key, {"name": name, "state": state.value}):
        known = update(vault_key).where(vault_key.c.name == name, ~_is_sealing)
        await transaction.run(known.values(state=state.value))


async def states(transaction: Transaction) -> dict[str, State]:
    """Tell what is said of keys."""
    rows = await transaction.run(select(vault_key.c.name, vault_key.c.state))
    return {row["name"]: State(row["state"]) for row in rows.mappings()}
