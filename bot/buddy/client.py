"""Talk to Buddy as one person: every call is a domain value or an error that explains itself.

``BuddyApi`` is one per process and knows no token; ``acting_as`` makes a ``BuddyClient`` for the
person whose token it is handed.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlsplit

import aiohttp
from typing_extensions import override

from bot.buddy import members, readers, repository, webhooks, wire
from bot.buddy.answers import Answer, interpret
from bot.buddy.budget import Budget
from bot.buddy.ledger import Ledger
from bot.buddy.links import Links, places
from bot.buddy.pages import Hear, whole
from bot.buddy.readers import ExecutionPage, LogPage, Readers
from bot.buddy.transport import Transport
from bot.buddy.wire import BuddyOperation, Request, Variable
from bot.clock import Clock
from bot.domain.account import BuddyUser, TokenFacts
from bot.domain.catalog import (
    Colleague,
    GateQuestion,
    Pipeline,
    PipelineRef,
    Project,
    VariableField,
    Workspace,
)
from bot.domain.execution import Execution, ExecutionRef, PipelineAction, Revision
from bot.domain.run import RunRequest
from bot.domain.shipping import Comparison
from bot.errors import ForeignHost, NotFoundInBuddy, TokenMalformed
from bot.metrics import Metrics

T = TypeVar("T")
CALLS_PER_HOUR = 1000
"""What Buddy is taken to allow each token, where it says nothing. Source: its Go client."""

MAX_LEDGERS = 10_000
"""Tokens whose calls are remembered at once."""

MAX_LOG_LINES = 1000
"""Lines of a log in one answer. Source: Buddy's API, «Get action execution logs»."""


class BuddyApi:
    """One Buddy, for everybody.

    ``base_url`` is the API's address: ``https://api.buddy.works``, or ``https://host/api`` of a
    self-hosted one. ``app_url`` is its web app, where that is not beside the API; links of an
    answer that lead elsewhere are left out. ``timeout`` is for a whole call, tries included.
    """

    def __init__(  # noqa: PLR0913 - one per process: what all calls have in common
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        clock: Clock,
        timeout: timedelta,
        *,
        app_url: str = "",
        calls_per_hour: int = CALLS_PER_HOUR,
        metrics: Metrics | None = None,
    ) -> None:
        base = urlsplit(base_url)
        if base.scheme not in {"http", "https"} or not base.hostname or "@" in base.netloc:
            raise ValueError("Buddy's address must look like https://host or https://host/api")
        self._host = base.netloc.lower()
        address = f"{base.scheme}://{base.netloc}{base.path.rstrip('/')}"
        self._clock = clock
        self._places = places(address, app_url)
        self._page_host = urlsplit(app_url).netloc.lower() or self._host
        self._readers = Readers(self._host, Links.beside(address, app_url))
        self._transport = Transport(session, address, clock, timeout, metrics or Metrics())
        self._calls_per_hour = calls_per_hour
        self._ledgers: dict[bytes, Ledger] = {}

    @property
    def host(self) -> str:
        """What ``ExecutionRef.host`` holds for an execution of this Buddy."""
        return self._host

    @property
    def page_host(self) -> str:
        """Host (and port) of the web app, as people see it in their browser."""
        return self._page_host

    def has_page(self, host: str) -> bool:
        """Whether a link with this host (and port) leads to this Buddy."""
        return host.lower() in self._places

    def acting_as(self, token: str) -> "BuddyClient":
        """Make the client of the person whose token it is.

        Raises:
            TokenMalformed: no token can look like this.
        """
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise TokenMalformed
        return BuddyClient(token, self._ledger(token), self._transport, self._readers, self._clock)

    @property
    def ledgers(self) -> Collection[Ledger]:
        """The tokens' ledgers, for whoever watches the bot."""
        return self._ledgers.values()

    def _ledger(self, token: str) -> Ledger:
        """Find the ledger that all clients of a token share; named so that none is readable."""
        name = hashlib.sha256(token.encode()).digest()
        ledger = self._ledgers.pop(name, None) or Ledger(self._calls_per_hour)
        while len(self._ledgers) >= MAX_LEDGERS:
            del self._ledgers[next(iter(self._ledgers))]
        self._ledgers[name] = ledger
        return ledger


class BuddyClient:
    """Buddy, as one person.

    Besides the errors that say what Buddy answered, every read can raise ``BuddyUnavailable`` and
    every write ``AnswerLost``.
    """

    def __init__(
        self, token: str, ledger: Ledger, transport: Transport, readers: Readers, clock: Clock
    ) -> None:
        self._token = token
        self.ledger = ledger
        """What the token may still ask for, whoever of us asks with it."""
        self._transport = transport
        self._readers = readers
        self._clock = clock

    @override
    def __repr__(self) -> str:
        return f"BuddyClient(host={self._readers.host!r})"

    @property
    def budget(self) -> Budget:
        """What is left of this token's calls, as Buddy told last."""
        return self.ledger.budget

    async def user(self) -> BuddyUser:
        """Tell who the token belongs to."""
        return await self._ask(wire.user(), readers.user)

    async def token_facts(self) -> TokenFacts:
        """Tell what the token may do and until when; an old Buddy does not know."""
        return await self._ask(wire.token(), readers.token_facts)

    async def workspaces(self) -> tuple[Workspace, ...]:
        """List the person's workspaces."""
        return await self._ask(wire.workspaces(), readers.workspaces)

    async def projects(
        self, workspace: str, *, hear: Hear[Project] | None = None
    ) -> tuple[Project, ...]:
        """List the open projects of a workspace."""

        async def page(number: int) -> tuple[Project, ...]:
            return await self._ask(wire.projects(workspace, number), self._readers.projects)

        # What is not open counts until the end, or a page of it would look like the last one.
        tell = None if hear is None else lambda found: hear(_open(found))
        return _open(await whole(page, lambda project: project.name, tell))

    async def pipelines(
        self, workspace: str, project: str, *, hear: Hear[Pipeline] | None = None
    ) -> tuple[Pipeline, ...]:
        """List the pipelines of a project that the person may see."""

        async def page(number: int) -> tuple[Pipeline, ...]:
            request = wire.pipelines(workspace, project, number)
            return await self._ask(request, self._readers.pipelines)

        return await whole(page, lambda pipeline: pipeline.id, hear)

    async def branches(
        self, workspace: str, project: str, *, hear: Hear[str] | None = None
    ) -> tuple[str, ...]:
        """List the branches of a project, the default one first; none without a repository."""
        about = await self._ask(wire.project(workspace, project), repository.repository)
        if not about.exists:
            return ()

        async def page(number: int) -> tuple[str, ...]:
            request = wire.branches(workspace, project, number)
            return await self._ask(request, repository.branches)

        # Buddy may leave the default branch out.
        default = (about.default_branch,) if about.default_branch else ()
        return tuple(dict.fromkeys(default + await whole(page, str, hear)))

    async def comparison(
        self, workspace: str, project: str, base: str, head: str, *, most: int
    ) -> Comparison:
        """List the commits that only one of two revisions has, the newest first.

        ``most`` is how many pages are read; where they do not suffice, it is not the whole.
        """
        found: dict[str, Revision] = {}
        url = ""
        for number in range(1, most + 1):
            request = wire.comparison(workspace, project, base, head, number)
            page = await self._ask(request, lambda raw: repository.commits(raw, self._readers))
            url = url or page.url
            news = {one.sha: one for one in page.commits}
            if news.keys() <= found.keys():
                return Comparison(tuple(found.values()), url, is_whole=True)
            found |= news
        return Comparison(tuple(found.values()), url, is_whole=False)

    async def pipeline(self, workspace: str, project: str, number: int) -> Pipeline:
        """Look at one pipeline."""
        return await self._ask(wire.pipeline(workspace, project, number), self._readers.pipeline)

    async def inputs(self, at: PipelineRef) -> tuple[VariableField, ...]:
        """List the variables of a pipeline that are meant to be set for a run."""
        request = wire.variables(at.workspace, at.project, at.pipeline)
        return await self._ask(request, lambda raw: readers.inputs(raw, at.pipeline))

    async def run(self, wanted: RunRequest) -> Execution:
        """Start a run.

        Sent once. Only a refusal for the rate limit, which surely did nothing, may be waited out.

        Raises:
            BuddyUnavailable: it surely did not leave.
            AnswerLost: it left, and what became of it is not known.
        """
        if wanted.pipeline.host != self._readers.host:
            raise ForeignHost
        request = wire.run(wanted)
        answer = await self._send(request)
        return interpret(answer, request, lambda raw: self._readers.started(raw, wanted.pipeline))

    async def executions(
        self, workspace: str, project: str, pipeline: int, *, page: int = 1, per_page: int = 20
    ) -> ExecutionPage:
        """List executions of a pipeline, newest first, without their actions."""
        return await self._ask(
            wire.executions(workspace, project, pipeline, page=page, per_page=per_page),
            lambda raw: self._readers.executions(raw, workspace, project, pipeline),
        )

    async def execution(self, ref: ExecutionRef) -> Execution:
        """Look at one execution with its actions."""
        request = wire.execution(self._own(ref))
        return await self._ask(request, lambda raw: self._readers.execution(raw, ref))

    async def gate_question(self, ref: ExecutionRef, action_id: int) -> GateQuestion:
        """Tell what a gate asks, and who may answer by Buddy's own rule."""
        return await self._ask(wire.action(self._own(ref), action_id), readers.gate_question)

    async def members(self, workspace: str) -> tuple[Colleague, ...]:
        """List who belongs to a workspace."""

        async def page(number: int) -> tuple[Colleague, ...]:
            return await self._ask(wire.members(workspace, number), members.members)

        return await whole(page, lambda colleague: colleague.id)

    async def member(self, workspace: str, number: int) -> Colleague:
        """Look at one member of a workspace."""
        return await self._ask(wire.member(workspace, number), members.member)

    async def group_members(self, workspace: str, group: int) -> tuple[Colleague, ...]:
        """List who belongs to a group of a workspace."""

        async def page(number: int) -> tuple[Colleague, ...]:
            request = wire.group_members(workspace, group, number)
            return await self._ask(request, members.members)

        return await whole(page, lambda colleague: colleague.id)

    async def webhooks(self, workspace: str) -> dict[str, int]:
        """List the webhooks of a workspace: their numbers, by the address that each calls."""
        return await self._ask(wire.webhooks(workspace), webhooks.numbers)

    async def create_webhook(
        self, workspace: str, url: str, events: Sequence[str], secret: str
    ) -> int:
        """Make a webhook for all projects of a workspace; its number. Sent once.

        Raises:
            AnswerLost: it left, and what became of it is not known.
        """
        request = wire.create_webhook(workspace, url, events, secret)
        return await self._ask(request, webhooks.number)

    async def change_webhook_secret(self, workspace: str, number: int, secret: str) -> None:
        """Give a webhook another secret."""
        await self._send(wire.change_webhook(workspace, number, secret))

    async def delete_webhook(self, workspace: str, number: int) -> None:
        """Take a webhook away."""
        await self._send(wire.delete_webhook(workspace, number))

    async def action_execution(self, ref: ExecutionRef, action_execution_id: str) -> PipelineAction:
        """Look at one run of an action: who answered or stopped it, and when."""
        return await self._ask(
            wire.action_execution(self._own(ref), action_execution_id),
            lambda raw: readers.action_execution(raw, action_execution_id),
        )

    async def action_log(
        self, ref: ExecutionRef, action_execution_id: str, *, tail: int = 20
    ) -> tuple[str, ...]:
        """Read the last lines that one run of an action logged, as they are."""
        self._own(ref)
        tail = max(1, min(tail, MAX_LOG_LINES))
        try:
            page = await self._log_page(ref, action_execution_id, offset=0, limit=tail)
        except NotFoundInBuddy:
            # An older Buddy has no logs of their own; it puts the whole log into the details.
            request = wire.action_execution(ref, action_execution_id)
            return (await self._ask(request, readers.whole_log))[-tail:]
        if page.total_lines is not None and page.total_lines > len(page.lines):
            offset = max(0, page.total_lines - tail)
            page = await self._log_page(ref, action_execution_id, offset=offset, limit=tail)
        return page.lines[-tail:]

    async def operate(
        self,
        ref: ExecutionRef,
        operation: BuddyOperation,
        *,
        gate_wire_id: str = "",
        variables: Sequence[Variable] = (),
    ) -> Execution | None:
        """Change an execution; None if Buddy did it and said no more.

        Sent once. Only a refusal for the rate limit, which surely did nothing, may be waited out.

        Raises:
            BuddyUnavailable: it surely did not leave.
            AnswerLost: it left, and what became of it is not known.
        """
        request = wire.operate(
            self._own(ref), operation, gate_wire_id=gate_wire_id, variables=variables
        )
        answer = await self._send(request)
        if answer.is_empty:
            return None
        is_retry = operation is BuddyOperation.RETRY
        read = self._readers.retried if is_retry else self._readers.execution
        return interpret(answer, request, lambda raw: read(raw, ref))

    async def _log_page(
        self, ref: ExecutionRef, action_execution_id: str, *, offset: int, limit: int
    ) -> LogPage:
        request = wire.log(ref, action_execution_id, offset=offset, limit=limit)
        return await self._ask(request, readers.log_page)

    async def _ask(self, request: Request, read: Callable[[object], T]) -> T:
        return interpret(await self._send(request), request, read)

    async def _send(self, request: Request) -> Answer:
        return await self._transport.send(request, self._token, self._hear)

    def _hear(self, answer: Answer) -> None:
        now = self._clock.now()
        self.ledger.hear(self.ledger.budget.after(answer.headers, now), now)

    def _own(self, ref: ExecutionRef) -> ExecutionRef:
        """Refuse an execution of another Buddy before anything is sent."""
        if ref.host != self._readers.host:
            raise ForeignHost
        return ref


def _open(projects: Sequence[Project]) -> tuple[Project, ...]:
    return tuple(project for project in projects if project.is_active)
