"""What deliveries look like: the body of a webhook, and what a pipeline's own step sends.

The body of a webhook has older words than the API, and addresses that lack the workspace (S24,
S25). Which event it is stands nowhere in it.
"""

from dataclasses import dataclass

from sandbox.buddy.attempts import FINAL, Attempt
from sandbox.buddy.execution_shapes import ExecutionShapes
from sandbox.buddy.executions import Execution
from sandbox.buddy.generations import translate
from sandbox.buddy.people import Person
from sandbox.buddy.shapes import Shape, moment
from sandbox.buddy.webhooks import StepCall
from sandbox.buddy.workspaces import Workspace

_LEGACY = (
    *("url", "html_url", "id", "start_date", "finish_date", "mode", "refresh", "status"),
    *("comment", "branch", "creator"),
)


@dataclass(frozen=True, slots=True)
class DeliveryShapes:
    """Writes deliveries of one Buddy."""

    runs: ExecutionShapes

    def webhook(self, run: Execution, attempt: Attempt, *, is_legacy: bool) -> Shape:
        """Write the body of a webhook: as a receiver that works reads it, or as the page has it."""
        shapes, project = self.runs.shapes, run.pipeline.project
        workspace = project.workspace
        written = shapes.project_short(project)
        written["url"] = f"{shapes.world.url}/projects/{project.name}"
        body: Shape = {
            "workspace": shapes.workspace(workspace),
            "project": written,
            "current_date": moment(shapes.world.clock.now()),
            "execution": self._execution(run, attempt, is_legacy=is_legacy),
        }
        if run.creator is not None:
            body["invoker"] = self._invoker(run.creator, workspace)
        return body

    def step(self, run: Execution, call: StepCall) -> Shape:
        """Write what a step sends: the three values that are asked of it (S21)."""
        name = "EXECUTION" if call.old_names else "RUN"
        return {
            f"BUDDY_{name}_URL": run.html_url,
            f"BUDDY_{name}_ID": str(run.id),
            "BUDDY_PIPELINE_ID": str(run.pipeline.id),
        }

    def _execution(self, run: Execution, attempt: Attempt, *, is_legacy: bool) -> Shape:
        whole = self.runs.execution(run)
        # A delivery shows the moment it tells of, however late it is sent.
        whole["status"], whole["finish_date"] = attempt.status, moment(attempt.finished)
        whole["start_date"] = moment(attempt.started)
        if attempt.status not in FINAL:
            whole["finish_date"] = None
        if not is_legacy:
            return translate(whole, "v1.1")
        old = translate(whole, "v1.0")
        old["branch"] = run.order.branch
        old["url"] = old["url"].replace(f"/workspaces/{run.pipeline.project.workspace.domain}", "")
        return {name: old[name] for name in _LEGACY}

    def _invoker(self, person: Person, workspace: Workspace) -> Shape:
        """Write who started it; this link points at the app's host."""
        shape = self.runs.shapes.person(person, workspace)
        web = f"{self.runs.shapes.world.links_url}/{workspace.domain}/member/{person.id}"
        return {**shape, "url": web, "title": "", "email": person.email}
