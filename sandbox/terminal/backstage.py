"""What happens outside Slack: pushes, failing steps, Buddy's web app, outages."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.buddy import Execution
from sandbox.buddy import Person as Colleague
from sandbox.buddy.actions import Action
from sandbox.buddy.webhooks import Webhook
from sandbox.shop import Player, Shop, name_of
from sandbox.terminal.commands import Misunderstood
from sandbox.terminal.screen import Screen
from sandbox.troubles import Place, State

_RUN = re.compile(r"(?:shop/)?([\w-]+)#(\d{1,9})(?:\s+|$)")
_FARES = {
    "down": (State.DOWN, "Buddy does not answer any more."),
    "slow": (State.SLOW, "Buddy takes two seconds for every answer now."),
    "up": (State.WELL, "Buddy answers as it should."),
}
_DID = {"approve": "approved", "cancel": "cancelled", "retry": "retried"}


@dataclass(slots=True)
class Backstage:
    """Moves the world that the bot watches."""

    shop: Shop
    screen: Screen

    def push(self, text: str, player: Player) -> None:
        """Push a commit, which starts the deployment."""
        if not text:
            raise Misunderstood("Say what was changed: push Fix the login")
        by = self._colleague(player, "push")
        # Before the commit is made, which nobody would take back.
        self.shop.deploy.check_may_run(by)
        self._started(self.shop.deploy.push(by=by, branch="main", message=text))

    def fail(self, text: str) -> None:
        """Let a step fail the next time that it runs."""
        going = [run for run in self.shop.runs if not run.is_final]
        if not going:
            raise Misunderstood("Nothing runs. Try: push Fix the login")
        fits = ((run, _chosen(text, _names(run))) for run in going if text)
        run, name = next(((run, name) for run, name in fits if name), (going[0], None))
        if name is None:
            raise Misunderstood(f"Name a step of {name_of(run)}: {', '.join(_names(run))}")
        if run.action(name).action.gate:
            raise Misunderstood(f"{name} is a gate: it waits for people, and cannot fail.")
        already = run.action(name).is_final
        run.fails_at(name, logs=["exit code 1: the sandbox was told to fail here"])
        when = "when it is retried, since it is done by now" if already else "when it gets there"
        self.screen.says(f"{name} of {name_of(run)} will fail {when}.")

    async def buddy(self, text: str, player: Player) -> None:
        """Show Buddy, act in its web app, or break it."""
        word, _, rest = text.partition(" ")
        match word.casefold():
            case "":
                self._show_buddy()
            case "run":
                self._run(rest.strip(), player)
            case "approve" | "cancel" | "retry" as verb:
                self._operate(verb, rest.strip(), player)
            case "down" | "up" | "slow" as state:
                await self._break_buddy(state)
            case _:
                raise Misunderstood(
                    f"For the bot it is `/buddy {text[:40]}`; Buddy's own words here are run, "
                    "approve, cancel, retry, down, up and slow."
                )

    async def slack(self, text: str) -> None:
        """Switch Slack's Web API off or on; what people click still reaches the bot."""
        troubles = self.shop.troubles
        wanted = {"down": State.DOWN, "up": State.WELL}.get(text.casefold())
        if wanted is None:
            raise Misunderstood("Type slack down, or slack up.")
        if troubles.states[Place.SLACK] is wanted:
            self.screen.says(f"Slack is {text.casefold()} already.")
            return
        await troubles.bring(Place.SLACK, wanted)
        if wanted is State.WELL:
            self.screen.says("Slack takes the bot's calls again.")
        else:
            self.screen.says(
                "Slack takes no calls of the bot. Clicks and commands still reach it, but it "
                "cannot answer: `log` tells."
            )

    def _show_buddy(self) -> None:
        rows = []
        for name, pipeline in self.shop.pipelines.items():
            steps = " → ".join(_steps(pipeline.actions))
            rows.append((f"shop/{name}", f"{pipeline.name}: {steps}"))
            rows += [(f"  #{run.id}", _standing(run)) for run in pipeline.runs]
        rows += [("webhook", _told(one)) for one in self.shop.stage.buddy.state.webhooks.values()]
        self.screen.lists(rows)

    def _run(self, name: str, player: Player) -> None:
        pipelines = self.shop.pipelines
        if name.removeprefix("shop/") not in pipelines:
            raise Misunderstood(f"Name a pipeline: {', '.join(pipelines)}. Try: buddy run nightly")
        pipeline = pipelines[name.removeprefix("shop/")]
        self._started(self.shop.start(pipeline, self._colleague(player, "start pipelines")))

    def _operate(self, verb: str, text: str, player: Player) -> None:
        by = self._colleague(player, f"{verb} anything")
        run, rest = self._meant(verb, text)
        if rest and verb != "approve":
            raise Misunderstood(f"Type buddy {verb}, or buddy {verb} {name_of(run)}.")
        gate = None
        if verb == "approve":
            gate = self._gate(run, rest)
            run.approve(by=by, gate=gate)
        elif verb == "cancel":
            run.cancel(by=by)
        else:
            run.retry(by=by)
        what = f"{gate} of {name_of(run)}" if gate else name_of(run)
        self.screen.says(f"{by.name} {_DID[verb]} {what} in Buddy's web app.")

    def _meant(self, verb: str, text: str) -> tuple[Execution, str]:
        """Find the run that is named, or the newest one that this can be done to."""
        if named := _RUN.match(text):
            pipeline = self.shop.pipelines.get(named[1])
            number = int(named[2])
            if pipeline is None or not 1 <= number <= len(pipeline.runs):
                raise Misunderstood(f"There is no run {named[0].strip()}. `buddy` lists them.")
            return pipeline.runs[number - 1], text[named.end() :].strip()
        fits = {
            "approve": lambda run: run.is_waiting,
            "cancel": lambda run: not run.is_final and run.status != "TERMINATING",
            "retry": lambda run: run.status in {"FAILED", "TERMINATED"},
        }[verb]
        return self._newest(fits, f"There is nothing to {verb}. `buddy` lists the runs."), text

    def _gate(self, run: Execution, text: str) -> str | None:
        waiting = run.waiting_gates
        chosen = _chosen(text, waiting) if text else (waiting[0] if len(waiting) == 1 else None)
        if waiting and chosen is None:
            names = " or ".join(f"`buddy approve {name_of(run)} {gate}`" for gate in waiting)
            raise Misunderstood(f"Name the gate: {names}.")
        return chosen

    async def _break_buddy(self, state: str) -> None:
        wanted, says = _FARES[state]
        await self.shop.troubles.bring(Place.BUDDY, wanted)
        self.screen.says(says)

    def _started(self, run: Execution) -> None:
        show = f"/buddy show {name_of(run)}"
        if self.shop.stage.buddy.state.webhooks:
            self.screen.says(
                f"Buddy starts {name_of(run)}, and calls the bot. A channel that subscribed gets "
                f"its card by itself; elsewhere: {show}"
            )
        else:
            self.screen.says(f"Buddy starts {name_of(run)}. In Slack: {show}")

    def _newest(self, fits: Callable[[Execution], bool], otherwise: str) -> Execution:
        for run in self.shop.runs:
            if fits(run):
                return run
        raise Misunderstood(otherwise)

    def _colleague(self, player: Player, what: str) -> Colleague:
        if player.colleague is None:
            raise Misunderstood(f"{player.person.name} has no account in Buddy, so cannot {what}.")
        return player.colleague


def _chosen(text: str, names: Sequence[str]) -> str | None:
    """Choose the only name that begins like this, whatever its case."""
    wanted = text.casefold()
    exact = [name for name in names if name.casefold() == wanted]
    found = exact or [name for name in names if name.casefold().startswith(wanted)]
    return found[0] if len(found) == 1 else None


def _names(run: Execution) -> list[str]:
    return [action.action.name for action in run.attempt.actions]


def _steps(actions: Sequence[Action]) -> list[str]:
    """Write a pipeline's actions in order; those that run together are joined by a plus."""
    groups: dict[int, list[str]] = {}
    for action in actions:
        name = f"{action.name} (gate)" if action.gate else action.name
        groups.setdefault(action.group, []).append(name)
    return [" + ".join(names) for names in groups.values()]


def _told(webhook: Webhook) -> str:
    """Say what a webhook told last, and how that was answered."""
    if not webhook.requests:
        return f"of {webhook.workspace.domain}: it has told nothing yet"
    last = webhook.requests[-1]
    return f"of {webhook.workspace.domain}: told {last.event} last, answered {last.status}"


def _standing(run: Execution) -> str:
    waits = f", at {' and '.join(run.waiting_gates)}" if run.waiting_gates else ""
    status = run.status.lower().replace("_", " ")
    return f"{status}{waits}: {run.commit.message}"
