"""The calls about webhooks: admins only (S24, S29)."""

from sandbox.buddy.bodies import Body, read_body
from sandbox.buddy.endpoints import Ask
from sandbox.buddy.errors import missing
from sandbox.buddy.shapes import Shape, Shapes, moment
from sandbox.buddy.state import State
from sandbox.buddy.webhooks import (
    Webhook,
    check_admin,
    read_events,
    read_projects,
    read_secret,
    read_target_url,
)
from sandbox.buddy.workspaces import Workspace


class WebhookEndpoints:
    """Answers calls about webhooks."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.shapes = Shapes(state.world)

    def webhooks(self, ask: Ask) -> Shape:
        """List a workspace's webhooks."""
        workspace = self._workspace(ask)
        domain = workspace.domain
        return {
            **self.shapes.links(f"/workspaces/{domain}/webhooks", f"/{domain}/webhooks"),
            "webhooks": [self._shape(one) for one in self.state.webhooks_of(workspace)],
        }

    def create(self, ask: Ask) -> Shape:
        """Make one (S24: 201)."""
        workspace, body = self._workspace(ask), read_body(ask.content)
        made = Webhook(
            self.state.world.number("webhook"),
            workspace,
            read_target_url(body),
            read_secret(body),
            read_events(body),
            read_projects(body, self._projects(workspace)),
            since=self.state.world.clock.now(),
        )
        self.state.webhooks[made.id] = made
        return self._shape(made)

    def get(self, ask: Ask) -> Shape:
        """Tell about one, with its last deliveries; the old example has numbers for projects."""
        found = self._webhook(ask)
        requests = [
            {"post_date": moment(one.at), "response_status": one.status, "body": one.body}
            for one in reversed(found.requests)
        ]
        return {**self._shape(found), "requests": requests}

    def change(self, ask: Ask) -> Shape:
        """Change what is named, and nothing else."""
        found, body = self._webhook(ask), read_body(ask.content)
        self._apply(found, body)
        return self._shape(found)

    def delete(self, ask: Ask) -> Shape:
        """Take one away (S24: 204)."""
        del self.state.webhooks[self._webhook(ask).id]
        return {}

    def _apply(self, found: Webhook, body: Body) -> None:
        if "target_url" in body:
            found.target_url = read_target_url(body)
        if "events" in body:
            found.events = read_events(body)
        if "projects" in body:
            found.projects = read_projects(body, self._projects(found.workspace))
        if "secret_key" in body:
            found.secret_key = read_secret(body)

    def _workspace(self, ask: Ask) -> Workspace:
        workspace = self.state.workspace(ask.caller, ask.parts["workspace"])
        check_admin(ask.caller.person, workspace)
        return workspace

    def _webhook(self, ask: Ask) -> Webhook:
        workspace = self._workspace(ask)
        found = self.state.webhooks.get(int(ask.parts["webhook"]))
        if found is None or found.workspace is not workspace:
            raise missing("Webhook")
        return found

    def _projects(self, workspace: Workspace) -> list[str]:
        return [project.name for project in self.state.projects_of(workspace)]

    def _shape(self, webhook: Webhook) -> Shape:
        domain = webhook.workspace.domain
        return {
            **self.shapes.links(
                f"/workspaces/{domain}/webhooks/{webhook.id}", f"/{domain}/webhook/{webhook.id}"
            ),
            "id": webhook.id,
            "target_url": webhook.target_url,
            "secret_key": webhook.secret_key,
            "projects": list(webhook.projects),
            "events": list(webhook.events),
        }
