"""Hostile and broken requests to the addresses that Buddy calls: refused, and not repeated."""

import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.jobs.table import job
from bot.store.hooks import HookKind, Issued
from bot.store.tables import delivery
from tests.flows.heard import issue, subscribe
from tests.world import World, world_of

SAMPLES = Path(__file__).parents[1] / "samples" / "buddy"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MARK = "never-to-be-repeated"
NOBODYS = "A" * 32


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    text: str
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)


async def send(
    world: World,
    path: str,
    body: bytes | io.BytesIO | AsyncIterator[bytes] = b"{}",
    headers: dict[str, str] | None = None,
    method: str = "POST",
) -> Answered:
    """Send bytes as they are."""
    began = perf_counter()
    own = {"Content-Type": JSON, **(headers or {})}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, world.stage.bot.url + path, data=body, headers=own) as response,
    ):
        text = await response.text()
        return Answered(response.status, text, perf_counter() - began, dict(response.headers))


def sample(name: str) -> bytes:
    """Read a recorded body."""
    return (SAMPLES / f"{name}.json").read_bytes()


async def rows(world: World) -> tuple[int, int]:
    """Count what stands in the inbox, and the jobs of it."""
    async with world.stage.bot.database.snapshot() as transaction:
        told = await transaction.run(select(func.count()).select_from(delivery))
        jobs = select(func.count()).select_from(job).where(job.c.kind == "notice")
        return told.scalar_one(), (await transaction.run(jobs)).scalar_one()


@pytest.fixture
async def hook(world: World) -> Issued:
    """Give each test an address of a webhook, and a subscription to what it may tell."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    return await issue(world, HookKind.WEBHOOK, maya)


BROKEN: list[Any] = [
    pytest.param(b"{", 400, id="broken JSON"),
    pytest.param(b"[]", 400, id="a list"),
    pytest.param(b"null", 400, id="nothing"),
    pytest.param(b'"text"', 400, id="a text"),
    pytest.param(b"[" * 100_000, 400, id="endless JSON"),
    pytest.param(b'{"a":' * 50_000, 400, id="endless objects"),
    pytest.param(b'{"a":' + b"9" * 5_000 + b"}", 400, id="endless number"),
    pytest.param(b"", 400, id="no body"),
    pytest.param(b"\xff\xfe\x00", 400, id="no UTF-8"),
    pytest.param(b'{"execution":"\\ud800"}', 200, id="half a character"),
    pytest.param(b"{}", 200, id="about nothing"),
    pytest.param(b'{"execution":{"id":true}}', 200, id="a number that is none"),
    pytest.param(b'{"execution":{"id":1,"pipeline":{"id":99999999999999999999}}}', 200, id="huge"),
    pytest.param(b'{"execution":{"id":-1,"pipeline":{"id":1}}}', 200, id="negative"),
    pytest.param(b'{"execution":{"id":1,"pipeline":{"id":1e400}}}', 200, id="infinite"),
    pytest.param(b'{"ref":"refs/heads/main","commits":[]}', 200, id="a push"),
    pytest.param(
        b'{"workspace":{"domain":"../../x"},"project":{"name":"a\\u0000b"},'
        b'"execution":{"id":1,"pipeline":{"id":1},"status":"\\u0000"}}',
        200,
        id="names that are none",
    ),
]


@pytest.mark.parametrize(("body", "status"), BROKEN)
async def test_a_body_with_the_right_secret(
    world: World, hook: Issued, body: bytes, status: int
) -> None:
    """Each has its own answer, none is an error of ours, and none makes anything."""
    answer = await send(world, f"/buddy/webhooks/{hook.hook_id}", body, {"secret_key": hook.secret})
    await world.settled()

    assert answer.status == status
    assert answer.text in {"ok\n", ""}
    assert answer.seconds < 3


@pytest.mark.parametrize("name", [path.stem for path in SAMPLES.glob("webhook-delivery-*.json")])
async def test_every_recorded_delivery(world: World, hook: Issued, name: str) -> None:
    """Bodies of every age are taken; they are of a pipeline that no channel is told of."""
    headers = {"secret_key": hook.secret}
    answer = await send(world, f"/buddy/webhooks/{hook.hook_id}", sample(name), headers)

    assert answer.status == 200
    assert await rows(world) == (0, 0)


async def test_a_wrong_secret_and_an_unknown_address_look_alike(world: World, hook: Issued) -> None:
    """Status, text, headers and time tell nobody which addresses there are."""
    body = json.dumps({"secret_key": MARK}).encode()
    known, unknown = f"/buddy/webhooks/{hook.hook_id}", f"/buddy/webhooks/{NOBODYS}"
    answers: dict[str, list[Answered]] = {known: [], unknown: []}
    for _ in range(30):
        for path, several in answers.items():
            several.append(await send(world, path, body))

    for answer in (*answers[known], *answers[unknown]):
        assert (answer.status, answer.text) == (403, "The address or the secret is wrong.\n")
        assert set(answer.headers) == set(answers[known][0].headers)
    # The quickest of many: what the answer costs, without what others take of the machine.
    one, other = (min(answer.seconds for answer in several) for several in answers.values())
    assert max(one, other) < 0.05
    assert abs(one - other) < 0.5 * max(one, other)


@pytest.mark.parametrize(
    "path",
    [
        "/buddy/webhooks/x",
        f"/buddy/webhooks/{NOBODYS}",
        "/buddy/webhooks/%00",
        "/buddy/webhooks/%FF%FE",
        "/buddy/webhooks/' OR 1=1 --",
        "/buddy/webhooks/..%2f..%2fetc",
        f"/buddy/webhooks/{'x' * 5_000}",
        f"/buddy/runs/{NOBODYS}",
    ],
)
@pytest.mark.parametrize("secret", ["", "x", "\u00e9", "x" * 5_000])
async def test_addresses_that_nobody_has(world: World, path: str, secret: str) -> None:
    """All the same answer."""
    body = json.dumps({"secret_key": secret}).encode()
    answer = await send(world, path, body, {"Authorization": f"Bearer {secret[:100]}"})
    assert (answer.status, answer.text) == (403, "The address or the secret is wrong.\n")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/buddy/webhooks/{NOBODYS}", 405),
        ("PUT", f"/buddy/runs/{NOBODYS}", 405),
        ("POST", "/buddy/webhooks/", 404),
        ("POST", "/buddy/webhooks", 404),
        ("POST", f"/buddy/webhooks/{NOBODYS}/more", 404),
        ("POST", "/buddy", 404),
    ],
)
async def test_paths_and_methods(world: World, method: str, path: str, status: int) -> None:
    """Only what is offered is answered."""
    assert (await send(world, path, method=method)).status == status


@pytest.mark.parametrize("where", ["webhooks", "runs"])
async def test_bodies_that_are_too_much(world: World, hook: Issued, where: str) -> None:
    """Too large, compressed to seem small, not what it says, or without an end."""
    path = f"/buddy/{where}/{hook.hook_id}"
    large = io.BytesIO(b'{"a":"' + b"x" * 1_100_000 + b'"}')
    assert (await send(world, path, large)).status == 413
    bomb = gzip.compress(b" " * 50_000_000)
    assert (await send(world, path, bomb, {"Content-Encoding": "gzip"})).status in {400, 413}
    assert (await send(world, path, b"{}", {"Content-Encoding": "gzip"})).status == 400

    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    assert (await send(world, path, slowly())).status == 408


async def test_nothing_that_was_sent_is_repeated(world: World, hook: Issued) -> None:
    """Neither to the sender nor in the log, whether it was taken or not."""
    path = f"/buddy/webhooks/{hook.hook_id}"
    told = {"execution": {"id": 1, "pipeline": {"id": 1, "name": MARK}, "status": MARK}}
    for secret in (hook.secret, MARK):
        for body in (json.dumps({**told, "note": MARK}), MARK):
            answer = await send(world, path, body.encode(), {"secret_key": secret})
            assert MARK not in answer.text
            assert MARK not in str(answer.headers)
    await world.settled()

    logged = json.dumps(world.log, default=str)
    assert MARK not in logged
    assert hook.hook_id not in logged
    assert hook.secret not in logged


STEPS: list[Any] = [
    pytest.param(b"", FORM, 422, id="an empty form"),
    pytest.param(b"%%%&&&===", FORM, 422, id="a broken form"),
    pytest.param(b"\xff\xfe", FORM, 400, id="no text"),
    pytest.param(b"BUDDY_RUN_ID=1", FORM, 422, id="no pipeline"),
    pytest.param(b"BUDDY_RUN_ID=$BUDDY_RUN_ID&BUDDY_PIPELINE_ID=1", FORM, 422, id="not replaced"),
    pytest.param(b"BUDDY_RUN_ID=1&BUDDY_PIPELINE_ID=1", FORM, 200, id="a form"),
    pytest.param(b'{"BUDDY_RUN_ID":1,"BUDDY_PIPELINE_ID":"1"}', JSON, 200, id="JSON"),
    pytest.param(b'{"BUDDY_RUN_URL":[]}', JSON, 422, id="an address that is a list"),
    pytest.param(b'{"BUDDY_RUN_URL":"https://[::1"}', JSON, 422, id="an address that is none"),
    pytest.param(b"--x\r\n\r\n", "multipart/form-data; boundary=x", 400, id="multipart"),
]


@pytest.mark.parametrize(("body", "content_type", "status"), STEPS)
async def test_a_step_says_which_execution(
    world: World, body: bytes, content_type: str, status: int
) -> None:
    """What is missing is named, so that whoever reads the step's log can mend it."""
    maya = await world.person("maya")
    made = await issue(world, HookKind.STEP, maya)
    headers = {"Authorization": f"Bearer {made.secret}", "Content-Type": content_type}

    answer = await send(world, f"/buddy/runs/{made.hook_id}", body, headers)

    assert answer.status == status
    if status == 422:
        assert answer.text == "Send BUDDY_RUN_URL, BUDDY_RUN_ID and BUDDY_PIPELINE_ID.\n"


async def test_an_address_is_of_one_kind(world: World, hook: Issued) -> None:
    """What is meant for a webhook takes no step, and the other way round."""
    headers = {"Authorization": f"Bearer {hook.secret}"}
    answer = await send(world, f"/buddy/runs/{hook.hook_id}", b"{}", headers)
    assert answer.status == 403


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
numbers = st.integers(min_value=-2, max_value=2**70) | anything
bodies = st.fixed_dictionaries(
    {},
    optional={
        "workspace": st.fixed_dictionaries({}, optional={"domain": anything}) | anything,
        "project": st.fixed_dictionaries({}, optional={"name": anything}) | anything,
        "execution": st.fixed_dictionaries(
            {},
            optional={
                "id": numbers,
                "pipeline": st.fixed_dictionaries({}, optional={"id": numbers}) | anything,
                "html_url": st.from_regex(
                    r"https?://\w*/\w*/\w*/pipelines/pipeline/[0-9]{0,30}/execution/\w*",
                    fullmatch=True,
                )
                | anything,
                "status": anything,
                "start_date": st.datetimes().map(str) | anything,
                "finish_date": anything,
            },
        )
        | anything,
    },
)
steps = st.fixed_dictionaries(
    {},
    optional={
        "BUDDY_RUN_URL": anything,
        "BUDDY_RUN_ID": numbers,
        "BUDDY_PIPELINE_ID": numbers,
        "BUDDY_EXECUTION_ID": numbers,
        "BUDDY_ACTION_RUN_HASH": anything,
    },
)


async def test_nonsense_is_never_our_failure(tmp_path: Path) -> None:
    """Bodies of any shape with the right secret: no 5xx, no traceback."""
    async with world_of(tmp_path) as world:
        maya = await world.person("maya")
        await subscribe(world, maya)
        hook = await issue(world, HookKind.WEBHOOK, maya)
        step = await issue(world, HookKind.STEP, maya)
        loop = asyncio.get_running_loop()
        statuses: set[int] = set()

        async def deliver(path: str, body: bytes, headers: dict[str, str]) -> None:
            answer = await send(world, path, body, headers)
            statuses.add(answer.status)

        def run(path: str, told: object, headers: dict[str, str]) -> None:
            body = json.dumps(told).encode(errors="surrogatepass")
            asyncio.run_coroutine_threadsafe(deliver(path, body, headers), loop).result(30)

        @settings(max_examples=150, deadline=None)
        @given(bodies)
        def webhooks(told: object) -> None:
            run(f"/buddy/webhooks/{hook.hook_id}", told, {"secret_key": hook.secret})

        @settings(max_examples=100, deadline=None)
        @given(steps)
        def runs(told: object) -> None:
            run(f"/buddy/runs/{step.hook_id}", told, {"Authorization": f"Bearer {step.secret}"})

        await asyncio.to_thread(webhooks)
        await asyncio.to_thread(runs)
        await world.settled()

        assert statuses <= {200, 422}
