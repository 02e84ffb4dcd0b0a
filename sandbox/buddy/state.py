"""Everything that exists in one simulated Buddy, and how a caller finds it.

What a caller must not see is not found; in which order Buddy checks is unknown, chosen.
"""

from dataclasses import dataclass, field

from sandbox.buddy.errors import API_DISABLED, WORKSPACE_INACTIVE, Refused, forbidden, missing
from sandbox.buddy.executions import Execution, Pipeline
from sandbox.buddy.people import Caller, Person
from sandbox.buddy.webhooks import Webhook
from sandbox.buddy.workspaces import Project, Workspace
from sandbox.buddy.world import World


@dataclass(eq=False)
class State:
    """People, workspaces, projects and pipelines."""

    world: World
    people: list[Person] = field(default_factory=list)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    projects: dict[tuple[str, str], Project] = field(default_factory=dict)
    pipelines: dict[int, Pipeline] = field(default_factory=dict)
    webhooks: dict[int, Webhook] = field(default_factory=dict)

    def holder(self, token: str) -> Caller | None:
        """Find whose token it is, be it valid or not."""
        for person in self.people:
            for one in person.tokens:
                if one.value == token:
                    return Caller(person, one)
        return None

    def authenticate(self, token: str) -> Caller:
        """Find who calls. That all of these answer 401 is inferred."""
        caller = self.holder(token)
        if caller is None or not caller.token.is_valid(self.world.clock.now()):
            raise Refused(401, "Unauthorized")
        return caller

    def workspaces_of(self, caller: Caller) -> list[Workspace]:
        """List the workspaces that a caller may see."""
        return [
            workspace
            for workspace in self.workspaces.values()
            if caller.person.id in workspace.members and caller.token.reaches(workspace.domain)
        ]

    def workspace(self, caller: Caller, domain: str) -> Workspace:
        """Find a workspace that takes part in the API."""
        if not caller.token.reaches(domain):
            # S40: a token restricted to one workspace answers 401 outside it.
            raise Refused(401, "Unauthorized")
        workspace = self.workspaces.get(domain)
        if workspace is None or caller.person.id not in workspace.members:
            raise missing("Workspace")
        if not workspace.is_active:
            raise forbidden(WORKSPACE_INACTIVE)
        if not workspace.api_enabled:
            raise forbidden(API_DISABLED)
        return workspace

    def projects_of(self, workspace: Workspace) -> list[Project]:
        """List a workspace's projects."""
        return [project for project in self.projects.values() if project.workspace is workspace]

    def project(self, caller: Caller, domain: str, name: str) -> Project:
        """Find a project."""
        self.workspace(caller, domain)
        if (project := self.projects.get((domain, name))) is None:
            raise missing("Project")
        return project

    def webhooks_of(self, workspace: Workspace) -> list[Webhook]:
        """List a workspace's webhooks."""
        return [one for one in self.webhooks.values() if one.workspace is workspace]

    def pipelines_of(self, project: Project, caller: Caller) -> list[Pipeline]:
        """List the pipelines of a project that a caller may see; the others are left out (S10)."""
        return [
            pipeline
            for pipeline in self.pipelines.values()
            if pipeline.project is project and pipeline.access_of(caller.person) != "DENIED"
        ]

    def pipeline(self, caller: Caller, project: Project, number: int) -> Pipeline:
        """Find a pipeline of a project."""
        for pipeline in self.pipelines_of(project, caller):
            if pipeline.id == number:
                return pipeline
        raise missing("Pipeline")

    def execution(self, pipeline: Pipeline, number: int) -> Execution:
        """Find an execution by its number; that a hash is no number here is unknown, chosen."""
        if not 1 <= number <= len(pipeline.runs):
            raise missing("Execution")
        return pipeline.runs[number - 1]

    def secret_keys(self) -> set[str]:
        """Name the variables whose values stay out of the journal."""
        gates = (
            action.gate
            for pipeline in self.pipelines.values()
            for action in pipeline.actions
            if action.gate is not None
        )
        asked = [field for gate in gates for field in gate.fields]
        inputs = [field for pipeline in self.pipelines.values() for field in pipeline.inputs]
        return {field.key for field in (*asked, *inputs) if field.encrypted}
