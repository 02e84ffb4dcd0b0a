"""The app's installation: its tokens, their scopes, and whether they still hold."""

import secrets
from collections.abc import Sequence

from sandbox.slack.refusal import Refusal

DEFAULT_SCOPES = (
    "commands",
    "chat:write",
    "im:write",
    "users:read",
    "users:read.email",
    "channels:read",
    "groups:read",
)


class Installation:
    """One app in one workspace."""

    def __init__(self) -> None:
        self.bot_token = f"xoxb-{secrets.token_hex(16)}"
        self.signing_secret = secrets.token_hex(16)
        self.scopes = set(DEFAULT_SCOPES)
        self.app_token = f"xapp-1-A0GREENBOT-{secrets.token_hex(16)}"
        self.app_scopes = {"connections:write"}
        self.has_socket_mode = False
        self._refusal: str | None = None

    def revoke(self) -> None:
        """Let the token no longer count; the app stays installed."""
        self._refusal = "token_revoked"

    def uninstall(self) -> None:
        """Remove the app: its bot user is gone with it."""
        self._refusal = "account_inactive"

    def reinstall(self) -> None:
        """Let the token count again."""
        self._refusal = None

    def check(self, token: str) -> None:
        """Refuse a token that is missing, unknown or no longer valid."""
        if not token:
            raise Refusal("not_authed")
        if token == self.app_token:
            raise Refusal("not_allowed_token_type")
        if token != self.bot_token:
            raise Refusal("invalid_auth")
        if self._refusal:
            raise Refusal(self._refusal)

    def check_app(self, token: str, scope: str) -> None:
        """Refuse all but the app-level token; only its own methods take it.

        Slack documents no code for an app whose Socket Mode is off: ``access_denied`` is chosen.
        """
        if not token:
            raise Refusal("not_authed")
        if token == self.bot_token:
            raise Refusal("not_allowed_token_type")
        if token != self.app_token:
            raise Refusal("invalid_auth")
        if scope not in self.app_scopes:
            raise Refusal("missing_scope", needed=scope, provided=",".join(self.app_scopes))
        if not self.has_socket_mode:
            raise Refusal("access_denied")

    def require(self, scope: str) -> None:
        """Refuse what the app was not granted. An empty scope asks for nothing."""
        if scope and scope not in self.scopes:
            raise Refusal("missing_scope", needed=scope, provided=self.provided)

    @property
    def provided(self) -> str:
        """The granted scopes as ``X-OAuth-Scopes`` names them."""
        return ",".join(self._ordered())

    def _ordered(self) -> Sequence[str]:
        return sorted(self.scopes)
