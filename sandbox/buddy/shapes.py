"""What answers look like, in the newest generation: people, workspaces, projects, pipelines."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.buddy.actions import Action, Field, Gate
from sandbox.buddy.executions import Pipeline
from sandbox.buddy.people import Person, Token
from sandbox.buddy.workspaces import Commit, Member, Project, Workspace
from sandbox.buddy.world import World

Shape = dict[str, Any]


def moment(at: datetime | None) -> str | None:
    """Write a date as Buddy does: up to three digits of a second, none at its end a zero (S3)."""
    if at is None:
        return None
    at = at.astimezone(UTC)
    fraction = f".{at.microsecond // 1000:03d}".rstrip("0").rstrip(".")
    return f"{at:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def project_path(project: Project) -> str:
    """Where the API has a project."""
    return f"/workspaces/{project.workspace.domain}/projects/{project.name}"


def pipeline_path(pipeline: Pipeline) -> str:
    """Where the API has a pipeline."""
    return f"{project_path(pipeline.project)}/pipelines/{pipeline.id}"


def web_path(project: Project) -> str:
    """Where people find a project."""
    return f"/{project.workspace.domain}/{project.name}"


@dataclass(frozen=True, slots=True)
class Shapes:
    """Writes answers for one Buddy, with its addresses."""

    world: World

    def links(self, api: str, web: str) -> Shape:
        """Write the two links that nearly everything begins with."""
        return {"url": f"{self.world.url}{api}", "html_url": f"{self.world.links_url}{web}"}

    def person(self, person: Person, workspace: Workspace) -> Shape:
        """Write a person inside something else; the link says ``member``, not ``members`` (S2)."""
        domain = workspace.domain
        return {
            **self.links(
                f"/workspaces/{domain}/member/{person.id}", f"/{domain}/profile/{person.id}"
            ),
            "id": person.id,
            "name": person.name,
            "avatar_url": self._avatar(person),
        }

    def user(self, person: Person) -> Shape:
        """Write who the token belongs to (S16)."""
        return {
            **self.links("/user", "/my-id"),
            "id": person.id,
            "name": person.name,
            "avatar_url": self._avatar(person),
            "workspaces_url": f"{self.world.url}/workspaces",
            "email": person.email,
        }

    def token(self, token: Token) -> Shape:
        """Write what the token may do (S12)."""
        return {
            **self.links("/user/token", "/api-tokens"),
            "id": token.id,
            "name": token.name,
            "expires_at": moment(token.expires_at),
            "scopes": list(token.scopes),
            "ip_restrictions": [],
            "workspace_restrictions": list(token.workspaces),
        }

    def member(self, member: Member, workspace: Workspace, *, with_email: bool) -> Shape:
        """Write a member (S11, S12); the address only for tokens with MEMBER_EMAIL (S12)."""
        person, domain = member.person, workspace.domain
        shape = {
            **self.links(
                f"/workspaces/{domain}/members/{person.id}", f"/{domain}/profile/{person.id}"
            ),
            "id": person.id,
            "name": person.name,
            "avatar_url": self._avatar(person),
            "email": person.email,
            "admin": member.is_admin,
            "workspace_owner": member.is_owner,
            "status": "ACTIVE",
        }
        if not with_email:
            del shape["email"]
        return shape

    def member_alone(self, member: Member, workspace: Workspace, *, with_email: bool) -> Shape:
        """Write one member with what only the single answer has (S16)."""
        return {
            **self.member(member, workspace, with_email=with_email),
            "auto_assign_to_new_projects": False,
            "auto_assign_permission_set_id": None,
        }

    def workspace(self, workspace: Workspace) -> Shape:
        """Write a workspace in a list (S22)."""
        return {
            **self.links(f"/workspaces/{workspace.domain}", f"/{workspace.domain}"),
            "id": workspace.id,
            "name": workspace.name,
            "domain": workspace.domain,
        }

    def workspace_alone(self, workspace: Workspace) -> Shape:
        """Write one workspace (S11, S12)."""
        return {
            **self.workspace(workspace),
            "owner_id": workspace.owner.id if workspace.owner else None,
            "frozen": not workspace.is_active,
            "create_date": moment(workspace.created),
        }

    def project_short(self, project: Project) -> Shape:
        """Write a project inside something else (S22)."""
        return {
            **self.links(project_path(project), web_path(project)),
            "name": project.name,
            "display_name": project.display_name,
            "status": project.status,
        }

    def project(self, project: Project) -> Shape:
        """Write a project in a list (S11)."""
        return {
            **self.project_short(project),
            "access": "PRIVATE",
            "create_date": moment(project.created),
        }

    def project_alone(self, project: Project) -> Shape:
        """Write one project (S11, S22)."""
        web = f"{self.world.links_url}{web_path(project)}"
        return {
            **self.project(project),
            "created_by": self.maybe_person(project.creator, project.workspace),
            "http_repository": web,
            "ssh_repository": f"buddy@{web.partition('://')[2].replace('/', ':', 1)}",
            "default_branch": project.default_branch,
            "without_repository": not project.has_repository,
        }

    def maybe_person(self, person: Person | None, workspace: Workspace) -> Shape | None:
        """Write a person, or that there is none."""
        return None if person is None else self.person(person, workspace)

    def commit(self, commit: Commit, project: Project) -> Shape:
        """Write a commit; its message ends with a line break (S2)."""
        author = self.maybe_person(commit.author, project.workspace)
        return {
            **self.links(
                f"{project_path(project)}/repository/commits/{commit.sha}",
                f"{web_path(project)}/repository/commit/{commit.sha}",
            ),
            "revision": commit.sha,
            "author_date": moment(commit.at),
            "commit_date": moment(commit.at),
            "message": f"{commit.message}\n",
            "committer": author,
            "author": author,
        }

    def reference(self, project: Project, kind: str, kinds: str, name: str) -> Shape:
        """Write a branch, a tag or a pull request; the shape of the last one is inferred."""
        return {
            **self.links(
                f"{project_path(project)}/repository/{kinds}/{name}",
                f"{web_path(project)}/repository/{kind}/{name}",
            ),
            "name": name,
        }

    def branch(self, project: Project, name: str) -> Shape:
        """Write a branch in a list (S14, S23)."""
        is_default = name == project.default_branch
        return {**self.reference(project, "branch", "branches", name), "default": is_default}

    def pipeline(self, pipeline: Pipeline) -> Shape:
        """Write a pipeline in a list or inside something else (S11)."""
        latest = pipeline.latest
        web = web_path(pipeline.project)
        return {
            **self.links(pipeline_path(pipeline), f"{web}/pipelines/pipeline/{pipeline.id}"),
            "id": pipeline.id,
            "identifier": pipeline.identifier,
            "name": pipeline.name,
            "refs": list(pipeline.refs),
            "events": list(pipeline.events),
            "disabled": pipeline.disabled_reason is not None,
            "disabled_reason": pipeline.disabled_reason,
            "last_execution_status": latest.shown.status if latest else "INITIAL",
            "last_execution_revision": latest.commit.sha if latest else None,
            "create_date": moment(pipeline.created),
            "concurrent_pipeline_runs": pipeline.concurrent,
            "waiting_for_push": latest is None and bool(pipeline.events),
            "tags": list(pipeline.tags),
            "description_required": pipeline.description_required,
            "folder": pipeline.folder,
            "paused": pipeline.paused,
            **_UNUSED_SETTINGS,
        }

    def pipeline_alone(self, pipeline: Pipeline) -> Shape:
        """Write one pipeline (S10, S12)."""
        access = pipeline.access.items()
        return {
            **self.pipeline(pipeline),
            "project": self.project_short(pipeline.project),
            "creator": self.maybe_person(pipeline.creator, pipeline.project.workspace),
            "permissions": {
                "others": pipeline.others,
                "users": [{"id": number, "access_level": level} for number, level in access],
                "groups": [],
            },
        }

    def variable(self, field: Field, number: int, pipeline: Pipeline) -> Shape:
        """Write a variable of a pipeline (S11, S12); an encrypted value is hidden: chosen."""
        shown = "secure!" if field.encrypted and field.value else field.value
        web = f"{web_path(pipeline.project)}/pipelines/pipeline/{pipeline.id}"
        return {
            **self.links(
                f"/workspaces/{pipeline.project.workspace.domain}/variables/{number}", web
            ),
            "id": number,
            **_field(field),
            "value": shown,
            "type": "VAR",
            "encrypted": field.encrypted,
            "settable": True,
            "run_only_settable": True,
            "project": {"name": pipeline.project.name},
            "pipeline": {"id": pipeline.id},
        }

    def action_short(self, action: Action, pipeline: Pipeline) -> Shape:
        """Write what every mention of an action has (S2, S7)."""
        return {
            **self.links(
                f"{pipeline_path(pipeline)}/actions/{action.id}",
                f"{web_path(pipeline.project)}/pipelines/action/{action.id}/edit",
            ),
            "id": action.id,
            "name": action.name,
            "type": action.what.type,
            "trigger_time": "ON_EVERY_EXECUTION",
            "disabled": False,
        }

    def action(self, action: Action, pipeline: Pipeline) -> Shape:
        """Write an action in a list (S37): for a gate, what it asks and whom (S18, S19)."""
        shape = {**self.action_short(action, pipeline), "run_next": action.run_next}
        if action.gate is not None:
            shape |= _gate(action.gate)
        return shape

    def action_alone(self, action: Action, pipeline: Pipeline) -> Shape:
        """Write one action."""
        return {**self.action(action, pipeline), "pipeline": self.pipeline(pipeline)}

    def _avatar(self, person: Person) -> str:
        digits = "/".join(f"{person.id:07d}")
        name = f"{person.id:032x}/w/32/32/AVATAR.png"
        return f"{self.world.links_url}/image-server/user/{digits}/{name}"


_UNUSED_SETTINGS: Shape = {
    "definition_source": "LOCAL",
    "git_config_ref": "NONE",
    "loop": [],
    "priority": "NORMAL",
    "target_site_url": None,
    "always_from_scratch": False,
    "ignore_fail_on_project_status": False,
    "no_skip_to_most_recent": False,
    "terminate_stale_runs": False,
    "auto_clear_cache": False,
    "fetch_all_refs": True,
    "fail_on_prepare_env_warning": True,
    "do_not_create_commit_status": False,
    "stale": False,
    "resources": "DEFAULT",
    "git_changeset_base": "LATEST_RUN",
    "filesystem_changeset_base": "CONTENTS",
    "cpu": "X64",
}
"""Settings that every pipeline has (S11) and that change nothing here."""


def _gate(gate: Gate) -> Shape:
    # Whether variables inside the question are expanded is unknown; they are not is chosen.
    shape: Shape = {"comment": gate.question, "prevent_self_approval": gate.prevent_self_approval}
    if gate.approvers is not None or gate.groups:
        users = [{"id": one.id, "access_level": "ALLOWED"} for one in gate.approvers or ()]
        groups = [{"id": one.id, "access_level": "ALLOWED"} for one in gate.groups]
        shape["permissions"] = {"others": "DENIED", "users": users, "groups": groups}
    if gate.kind.asks_for_values:
        shape["variables"] = [_field(field) for field in gate.fields]
    return shape


def _field(field: Field) -> Shape:
    """Write what a gate asks for: only what is set, as in the documented example (S19)."""
    shape: Shape = {
        "value": field.value,
        "defaults": "\n".join(field.options),
        "description": field.description,
        "init_path": field.init_path,
        "encrypted": field.encrypted,
    }
    return {"key": field.key, **{name: value for name, value in shape.items() if value}}
