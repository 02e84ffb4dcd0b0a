"""The calls of Buddy's API that the simulator answers, each a method named after what it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.buddy.attempts import ActionRun
from sandbox.buddy.bodies import (
    read_body,
    read_operation,
    read_order,
    read_target,
    read_variables,
)
from sandbox.buddy.errors import missing
from sandbox.buddy.execution_shapes import ExecutionShapes
from sandbox.buddy.executions import Execution, Pipeline
from sandbox.buddy.lists import Query, arrange, cut, read_number
from sandbox.buddy.people import Caller
from sandbox.buddy.shapes import Shape, Shapes, pipeline_path, project_path, web_path
from sandbox.buddy.state import State
from sandbox.buddy.workspaces import Project, Workspace

MOST_LINES = 1000
"""S8: ``limit`` of the log."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One call, with who makes it."""

    caller: Caller
    parts: Mapping[str, str]
    query: Query
    content: bytes


class Endpoints:
    """Answers calls from the state."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.shapes = Shapes(state.world)
        self.runs = ExecutionShapes(self.shapes)

    def user(self, ask: Ask) -> Shape:
        """Tell who calls (S16)."""
        return self.shapes.user(ask.caller.person)

    def token(self, ask: Ask) -> Shape:
        """Tell about the token in use (S12)."""
        return self.shapes.token(ask.caller.token)

    def workspaces(self, ask: Ask) -> Shape:
        """List the caller's workspaces (S22)."""
        found = self.state.workspaces_of(ask.caller)
        links = self.shapes.links("/workspaces", "/my-id")
        return {**links, "workspaces": [self.shapes.workspace(one) for one in found]}

    def workspace(self, ask: Ask) -> Shape:
        """Tell about a workspace."""
        return self.shapes.workspace_alone(self._workspace(ask))

    def identifiers(self, ask: Ask) -> Shape:
        """Turn names for people into those for the API (S11); what was not asked for is null."""
        workspace = self._workspace(ask)
        domain = workspace.domain
        shape: Shape = {
            **self.shapes.links(f"/workspaces/{domain}/identifiers", f"/{domain}"),
            "domain": domain,
            "project_identifier": None,
            "pipeline_id": None,
            **dict.fromkeys(("environment_id", "pkg_id", "pkg_version_id", "sandbox_id")),
        }
        if name := ask.query.get("project"):
            project = self.state.project(ask.caller, domain, name)
            shape["project_identifier"] = project.name
            if identifier := ask.query.get("pipeline"):
                shape["pipeline_id"] = self._identified(ask, project, identifier).id
        return shape

    def members(self, ask: Ask) -> Shape:
        """List who is in a workspace (S11, S12)."""
        workspace = self._workspace(ask)
        keys = {
            "id": lambda member: member.person.id,
            "name": lambda member: member.person.name.casefold(),
        }
        found = cut(arrange(list(workspace.members.values()), ask.query, keys), ask.query)
        emails = ask.caller.token.covers("MEMBER_EMAIL")
        domain = workspace.domain
        return {
            **self.shapes.links(f"/workspaces/{domain}/members", f"/{domain}/people"),
            "members": [
                self.shapes.member(member, workspace, with_email=emails) for member in found.items
            ],
        }

    def member(self, ask: Ask) -> Shape:
        """Tell about one member (S16)."""
        workspace = self._workspace(ask)
        member = workspace.members.get(int(ask.parts["member"]))
        if member is None:
            raise missing("Member")
        emails = ask.caller.token.covers("MEMBER_EMAIL")
        return self.shapes.member_alone(member, workspace, with_email=emails)

    def group_members(self, ask: Ask) -> Shape:
        """List who is in a group (S12, S22)."""
        workspace = self._workspace(ask)
        group = workspace.groups.get(int(ask.parts["group"]))
        if group is None:
            raise missing("Group")
        known = [one for one in group.people if one.id in workspace.members]
        page = cut(known, ask.query)
        emails, domain = ask.caller.token.covers("MEMBER_EMAIL"), workspace.domain
        where = f"/workspaces/{domain}/groups/{group.id}/members"
        return {
            **self.shapes.links(where, f"/{domain}/group/{group.id}"),
            "members": [
                self.shapes.member(workspace.members[one.id], workspace, with_email=emails)
                for one in page.items
            ],
        }

    def projects(self, ask: Ask) -> Shape:
        """List a workspace's projects (S11, S12)."""
        workspace = self._workspace(ask)
        status = ask.query.get("status")
        found = [
            project
            for project in self.state.projects_of(workspace)
            if status in {None, project.status}
        ]
        keys: dict[str, Callable[[Project], object]] = {
            "name": lambda project: project.name,
            "create_date": lambda project: project.created,
        }
        page = cut(arrange(found, ask.query, keys), ask.query)
        domain = workspace.domain
        return {
            **self.shapes.links(f"/workspaces/{domain}/projects", f"/{domain}"),
            "projects": [self.shapes.project(project) for project in page.items],
        }

    def project(self, ask: Ask) -> Shape:
        """Tell about a project."""
        return self.shapes.project_alone(self._project(ask))

    def branches(self, ask: Ask) -> Shape:
        """List the branches of a repository (S14, S23); which refusal a lack of one is, unknown."""
        project = self._project(ask)
        if not project.has_repository:
            raise missing("Repository")
        page = cut(sorted(project.heads), ask.query)
        where, web = project_path(project), web_path(project)
        return {
            **self.shapes.links(f"{where}/repository/branches", f"{web}/repository/branches"),
            "branches": [self.shapes.branch(project, name) for name in page.items],
        }

    def comparison(self, ask: Ask) -> Shape:
        """List the commits between two revisions, newest first (Buddy's API, «Compare»)."""
        project = self._project(ask)
        if not project.has_repository:
            raise missing("Repository")
        base, dots, head = ask.parts["range"].partition("...")
        if not (base and dots and head):
            raise missing("Comparison")
        page = cut(project.between(base, head), ask.query)
        where, web = project_path(project), web_path(project)
        return {
            **self.shapes.links(f"{where}/repository/comparison", f"{web}/repository/commits"),
            "commits": [self.shapes.commit(commit, project) for commit in page.items],
        }

    def pipelines(self, ask: Ask) -> Shape:
        """List a project's pipelines (S10)."""
        project = self._project(ask)
        keys: dict[str, Callable[[Pipeline], object]] = {
            "name": lambda pipeline: pipeline.name,
            "id": lambda pipeline: pipeline.id,
        }
        found = self.state.pipelines_of(project, ask.caller)
        page = cut(arrange(found, ask.query, keys), ask.query)
        where, web = project_path(project), web_path(project)
        return {
            **self.shapes.links(f"{where}/pipelines", f"{web}/pipelines"),
            "pipelines": [self.shapes.pipeline(pipeline) for pipeline in page.items],
        }

    def pipeline(self, ask: Ask) -> Shape:
        """Tell about a pipeline (S10)."""
        return self.shapes.pipeline_alone(self._pipeline(ask))

    def variables(self, ask: Ask) -> Shape:
        """List the variables of a pipeline (S12); those of a workspace: none here."""
        workspace = self._workspace(ask)
        found: list[Shape] = []
        if name := ask.query.get("projectName"):
            project = self.state.project(ask.caller, workspace.domain, name)
            number = read_number(ask.query, "pipelineId", 0)
            pipeline = self.state.pipeline(ask.caller, project, number)
            write = self.shapes.variable
            found = [
                write(field, index, pipeline) for index, field in enumerate(pipeline.inputs, 1)
            ]
        domain = workspace.domain
        links = self.shapes.links(f"/workspaces/{domain}/variables", f"/{domain}/variables")
        return {**links, "variables": found}

    def actions(self, ask: Ask) -> Shape:
        """List what a pipeline is made of (S37)."""
        pipeline = self._pipeline(ask)
        web = f"{web_path(pipeline.project)}/pipelines/pipeline/{pipeline.id}"
        return {
            **self.shapes.links(f"{pipeline_path(pipeline)}/actions", web),
            "actions": [self.shapes.action(action, pipeline) for action in pipeline.actions],
        }

    def action(self, ask: Ask) -> Shape:
        """Tell about an action: for a gate, what it asks and whom (S18, S19, S37)."""
        pipeline = self._pipeline(ask)
        for action in pipeline.actions:
            if action.id == int(ask.parts["action"]):
                return self.shapes.action_alone(action, pipeline)
        raise missing("Action")

    def executions(self, ask: Ask) -> Shape:
        """List a pipeline's executions in short form (S5), newest first (S36, inferred)."""
        pipeline = self._pipeline(ask)
        page = cut(pipeline.runs[::-1], ask.query)
        web = f"{web_path(pipeline.project)}/pipelines/pipeline/{pipeline.id}"
        return {
            **self.shapes.links(f"{pipeline_path(pipeline)}/executions", f"{web}/executions"),
            **page.counters,
            "executions": [self.runs.short(run) for run in page.items],
        }

    def run(self, ask: Ask) -> Shape:
        """Start an execution (S6)."""
        pipeline = self._pipeline(ask)
        order = read_order(read_body(ask.content))
        return self.runs.execution(pipeline.order(ask.caller.person, order))

    def execution(self, ask: Ask) -> Shape:
        """Tell about an execution (S3)."""
        return self.runs.execution(self._execution(ask))

    def operate(self, ask: Ask) -> Shape:
        """Change an execution, and answer with it (S2). With a lag it still looks as before."""
        run = self._execution(ask)
        body = read_body(ask.content)
        run.operate(
            read_operation(body),
            ask.caller.person,
            target=read_target(body),
            variables=read_variables(body),
        )
        return self.runs.execution(run)

    def action_execution(self, ask: Ask) -> Shape:
        """Tell about one run of an action: who answered it, and when (S7)."""
        run = self._execution(ask)
        return self.runs.action_alone(self._action_run(ask, run), run)

    def logs(self, ask: Ask) -> Shape:
        """Give some lines of a log (S8). That more than the most is refused is unknown, chosen."""
        run = self._execution(ask)
        offset = read_number(ask.query, "offset", 0)
        limit = read_number(ask.query, "limit", 100, least=1, most=MOST_LINES)
        return self.runs.logs(self._action_run(ask, run), run, offset, limit)

    def whole_log(self, ask: Ask) -> Shape:
        """Give a run of an action with its whole log, the older way (S9, S37)."""
        run = self._execution(ask)
        for one in run.shown.actions:
            if one.action.id == int(ask.parts["action"]):
                return self.runs.action_with_log(one, run)
        raise missing("Action")

    def _workspace(self, ask: Ask) -> Workspace:
        return self.state.workspace(ask.caller, ask.parts["workspace"])

    def _project(self, ask: Ask) -> Project:
        return self.state.project(ask.caller, ask.parts["workspace"], ask.parts["project"])

    def _pipeline(self, ask: Ask) -> Pipeline:
        return self.state.pipeline(ask.caller, self._project(ask), int(ask.parts["pipeline"]))

    def _execution(self, ask: Ask) -> Execution:
        return self.state.execution(self._pipeline(ask), int(ask.parts["execution"]))

    def _action_run(self, ask: Ask, run: Execution) -> ActionRun:
        for one in run.shown.actions:
            if one.id == ask.parts["action_execution"]:
                return one
        raise missing("Action execution")

    def _identified(self, ask: Ask, project: Project, identifier: str) -> Pipeline:
        for pipeline in self.state.pipelines_of(project, ask.caller):
            if pipeline.identifier == identifier:
                return pipeline
        raise missing("Pipeline")
