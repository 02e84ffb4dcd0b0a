"""What answers about executions look like, in the newest generation."""

from dataclasses import dataclass

from sandbox.buddy.actions import Value
from sandbox.buddy.attempts import ActionRun, Status
from sandbox.buddy.bodies import HIDDEN
from sandbox.buddy.executions import Execution
from sandbox.buddy.shapes import Shape, Shapes, moment, pipeline_path


def execution_path(run: Execution) -> str:
    """Where the API has an execution."""
    return f"{pipeline_path(run.pipeline)}/executions/{run.id}"


@dataclass(frozen=True, slots=True)
class ExecutionShapes:
    """Writes answers about executions."""

    shapes: Shapes

    def execution(self, run: Execution) -> Shape:
        """Write one execution with its actions (S2, S3, S4)."""
        attempt = run.shown
        # A delayed run has no action executions yet: a guess.
        runs = () if attempt.status in {Status.INITIAL, Status.SKIPPED} else attempt.actions
        return {
            **self.short(run),
            "pipeline": self.shapes.pipeline(run.pipeline),
            "action_executions": [self.action_inside(one, run) for one in runs],
        }

    def short(self, run: Execution) -> Shape:
        """Write an execution in a list (S5)."""
        project, order, attempt = run.pipeline.project, run.order, run.shown
        write = self.shapes.commit
        return {
            **self.shapes.links(execution_path(run), run.web_path),
            "id": run.id,
            "start_date": moment(attempt.started),
            "finish_date": moment(attempt.finished),
            "triggered_on": order.triggered_on,
            "priority": order.priority,
            "delay_until": moment(order.delay_until),
            "refresh": order.refresh,
            "clear_cache": order.clear_cache,
            "status": attempt.status,
            "comment": order.comment,
            **self._refs(run),
            "from_revision": write(run.before, project),
            "to_revision": write(run.commit, project),
            "creator": self.shapes.maybe_person(run.creator, project.workspace),
        }

    def action_inside(self, one: ActionRun, run: Execution) -> Shape:
        """Write how far an action got, inside an execution.

        An error and the people who decided are there once there are any, as in the samples.
        """
        whole = self.action_alone(one, run)
        for name in ("passed_variables", "outputted_variables"):
            del whole[name]
        if one.approver is None and one.terminator is None:
            for name in ("approver_id", "approval_date", "terminator_id", "termination_date"):
                del whole[name]
        if whole["error_message"] is None:
            del whole["error_message"]
        return whole

    def action_alone(self, one: ActionRun, run: Execution) -> Shape:
        """Write everything about one run of an action (S7)."""
        failed = one.status == Status.FAILED
        return {
            **self._links(one, run),
            "action_execution_id": one.id,
            "start_date": moment(one.started),
            "finish_date": moment(one.finished),
            "status": one.status,
            "progress": one.progress,
            "action": self.action_with_status(one, run),
            "error_message": "Action failed: see logs above" if failed else None,
            "terminator_id": one.terminator.id if one.terminator else None,
            "termination_date": moment(one.terminated_at),
            "approver_id": one.approver.id if one.approver else None,
            "approval_date": moment(one.approved_at),
            "passed_variables": [self._value(value) for value in one.passed],
            "outputted_variables": [],
        }

    def action_with_status(self, one: ActionRun, run: Execution) -> Shape:
        """Write the action itself, with how it ended last."""
        action = self.shapes.action_short(one.action, run.pipeline)
        return {**action, "last_execution_status": one.status}

    def action_with_log(self, one: ActionRun, run: Execution) -> Shape:
        """Write a run of an action with its whole log, the older way (S9)."""
        return {
            "status": one.status,
            "progress": one.progress,
            "action": self.action_with_status(one, run),
            "start_date": moment(one.started),
            "finish_date": moment(one.finished),
            "log": list(one.logs),
        }

    def logs(self, one: ActionRun, run: Execution, offset: int, limit: int) -> Shape:
        """Write some lines of a log (S8)."""
        lines = one.logs[offset : offset + limit]
        links = self._links(one, run)
        return {
            "url": f"{links['url']}/logs",
            "html_url": links["html_url"],
            "offset": offset,
            "element_count": len(lines),
            "total_element_count": len(one.logs),
            "logs": list(lines),
        }

    def _links(self, one: ActionRun, run: Execution) -> Shape:
        return self.shapes.links(
            f"{execution_path(run)}/action_executions/{one.id}",
            f"{run.web_path}/?actionExecutionId={one.id}",
        )

    def _refs(self, run: Execution) -> Shape:
        project, order = run.pipeline.project, run.order
        branch = tag = request = None
        if order.branch:
            branch = self.shapes.reference(project, "branch", "branches", order.branch)
            branch["default"] = order.branch == project.default_branch
        if order.tag:
            tag = self.shapes.reference(project, "tag", "tags", order.tag)
        if order.pull_request:
            request = self.shapes.reference(
                project, "pull-request", "pull-requests", order.pull_request
            )
        return {"branch": branch, "tag": tag, "pull_request": request}

    def _value(self, value: Value) -> Shape:
        if not value.encrypted:
            return {"key": value.key, "value": value.value}
        shown = value.value if self.shapes.world.shows_secrets else HIDDEN
        return {"key": value.key, "value": shown, "encrypted": True}
