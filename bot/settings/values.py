"""The settings as plain values, each with its rule and its remedy; nothing is read here."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_settings import NoDecode

from bot.settings import parsing
from bot.settings.problems import Remedy

_MASKED = 4
"""Characters of a password that is worth masking wherever it occurs."""


class CommandSetting(BaseModel):
    """The one setting needed before there is a Slack app: the app's manifest names it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )

    command: Annotated[
        str,
        AfterValidator(parsing.command_name),
        Remedy("A slash, then at most 31 of a-z, 0-9, - and _; for example /buddy."),
    ] = "/buddy"
    """The slash command people type; the app's manifest must name the same."""


class DatabaseSetting(CommandSetting):
    """What it takes to look after the database as a whole."""

    database_url: Annotated[
        SecretStr,
        AfterValidator(parsing.database),
        Remedy(
            "sqlite:///name.sqlite3, sqlite:////data/name.sqlite3 for an absolute path, or "
            "postgresql://user@host/database, its password after user:, for several replicas."
        ),
    ] = SecretStr("sqlite:///greenlight.sqlite3")
    """Where the bot remembers: a file for one process, or PostgreSQL for many."""


class StorageSettings(DatabaseSetting):
    """What it takes to look after what is sealed in the database."""

    token_keys: Annotated[
        tuple[SecretStr, ...],
        NoDecode,
        BeforeValidator(parsing.several),
        Field(min_length=1),
        AfterValidator(parsing.fernet_keys),
        Remedy("Make one with: greenlight keys new. Add a new key last and keep the old ones."),
    ]
    """Keys that open stored tokens; the database says which one seals, at first the first."""


class Settings(StorageSettings):
    """The bot's settings; each is the environment variable ``GREENLIGHT_<NAME>``."""

    slack_bot_token: Annotated[
        SecretStr,
        parsing.secret(r"xoxb-[\w-]+", "is not a bot token (xoxb-…)"),
        Remedy("Slack app settings, OAuth & Permissions: Bot User OAuth Token."),
    ]
    """What the bot reads and posts with."""

    slack_app_token: Annotated[
        Annotated[SecretStr, parsing.secret(r"xapp-[\w-]+", "is not an app-level token (xapp-…)")]
        | None,
        Remedy(
            "Slack app settings, Basic Information: App-Level Tokens, with connections:write. "
            "Leave it out if Slack shall call an address of yours."
        ),
    ] = None
    """Where it is set, the bot opens sockets to Slack, and Slack needs no address to call."""

    slack_signing_secret: Annotated[
        SecretStr,
        parsing.secret(r"[0-9A-Za-z]{16,}", "is not a signing secret (letters and digits only)"),
        Remedy("Slack app settings, Basic Information, App Credentials: Signing Secret."),
    ]
    """Proves that a request comes from Slack."""

    slack_api_url: Annotated[
        str,
        AfterValidator(lambda url: f"{parsing.address(url)}/"),
        Remedy("Leave it out, unless you use GovSlack or a simulator."),
    ] = "https://slack.com/api/"
    """Slack's Web API; ends with a slash."""

    slack_edits_per_minute: Annotated[
        int,
        Field(ge=0, le=10_000),
        Remedy("A whole number; 50 is what Slack gives every workspace. 0 is without limit."),
    ] = 50
    """How many edits of messages a workspace takes in a minute, all processes together."""

    buddy_api_url: Annotated[
        str,
        AfterValidator(parsing.address),
        Remedy(
            "https://api.buddy.works, https://api.eu.buddy.works, https://api.asia.buddy.works, "
            "or https://your-host/api of your own Buddy."
        ),
    ] = "https://api.buddy.works"
    """Buddy's REST API; never ends with a slash."""

    buddy_app_url: Annotated[
        str,
        AfterValidator(parsing.address),
        Remedy("The address where people open Buddy; left out, it follows from the API's."),
    ] = Field(default_factory=parsing.app_url)
    """Buddy's web app, for links; never ends with a slash."""

    buddy_ca_file: Annotated[
        Annotated[Path, AfterValidator(parsing.certificates)] | None,
        Remedy("A PEM file with the certificate authority of your own Buddy; else leave it out."),
    ] = None
    """Whom to trust, besides the system's authorities, when calling Buddy."""

    buddy_timeout: Annotated[
        timedelta,
        BeforeValidator(parsing.duration),
        Field(gt=timedelta(0), le=timedelta(minutes=1)),
        Remedy("More than zero, at most a minute; for example 10, 10s or PT10S."),
    ] = timedelta(seconds=10)
    """How long one call to Buddy may take, connection included."""

    buddy_calls_per_hour: Annotated[
        int,
        Field(ge=0, le=1_000_000),
        Remedy("A whole number; 0 where your Buddy has no limit. Leave it out for buddy.works."),
    ] = 1000
    """How many calls a token has in an hour, where Buddy's answers do not say."""

    buddy_service_token: Annotated[
        Annotated[SecretStr, parsing.secret(r"[0-9A-Fa-f-]{36}", "is not a Buddy token (a UUID)")]
        | None,
        Remedy(
            "A personal access token of an account that may only read, scopes WORKSPACE and "
            "EXECUTION_INFO; else leave it out."
        ),
    ] = None
    """Reads executions for their cards when nobody's own token can; it never acts."""

    dead_after: Annotated[
        timedelta,
        BeforeValidator(parsing.duration),
        Field(ge=timedelta(seconds=1), le=timedelta(minutes=5)),
        Remedy("From 1 second to 5 minutes; for example 10, 10s or PT10S."),
    ] = timedelta(seconds=10)
    """How long a process may be silent until others take over what it was doing."""

    leave_for: Annotated[
        timedelta,
        BeforeValidator(parsing.duration),
        Field(ge=timedelta(0), le=timedelta(minutes=1)),
        Remedy("At most a minute; for example 5, 5s or PT5S. 0 where no proxy looks at /readyz."),
    ] = timedelta(seconds=0)
    """How long a process that was told to stop goes on while /readyz sends others elsewhere."""

    reminders: Annotated[
        str,
        AfterValidator(parsing.ladder),
        Remedy("Up to six durations from 1m to 7d, such as 15m, 1h, 4h; off for never."),
    ] = "15m, 1h, 4h"
    """After how long people are reminded of a gate, in channels that did not choose."""

    show_in_shared_channels: Annotated[
        bool,
        Remedy("true or false."),
    ] = False
    """Whether commit messages, names, logs and reasons are shown to other organisations, too."""

    listen: Annotated[
        parsing.ListenAddress,
        NoDecode,
        BeforeValidator(parsing.listen_address),
        Remedy("For example 127.0.0.1:3000, [::1]:3000, or 0.0.0.0:3000 for every interface."),
    ] = parsing.ListenAddress("127.0.0.1", 3000)
    """Where requests arrive: Slack's and Buddy's."""

    public_url: Annotated[
        Annotated[str, AfterValidator(parsing.address)] | None,
        Remedy(
            "The address under which Buddy reaches this bot, for example "
            "https://greenlight.example.com; leave it out if there is none."
        ),
    ] = None
    """Where Buddy sends what happens; never ends with a slash. None: Buddy is asked instead."""

    metrics_listen: Annotated[
        parsing.ListenAddress | None,
        NoDecode,
        BeforeValidator(parsing.listen_address),
        Remedy("For example 127.0.0.1:9464. Left out, /metrics is beside /healthz."),
    ] = None
    """Where Prometheus asks, if that shall be an address of its own."""

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        BeforeValidator(parsing.lower_case),
        Remedy("One of debug, info, warning, error."),
    ] = "info"
    """The least important lines of the bot's own that are written."""

    log_format: Annotated[
        Literal["json", "text"],
        BeforeValidator(parsing.lower_case),
        Remedy("One of json, text."),
    ] = "json"
    """Lines for machines, or for people."""

    def secrets(self) -> tuple[str, ...]:
        """Name every secret value, for whoever must not repeat one."""
        single = (
            *(self.slack_bot_token, self.slack_app_token, self.slack_signing_secret),
            self.buddy_service_token,
        )
        told = [each.get_secret_value() for each in (*single, *self.token_keys) if each is not None]
        password = parsing.password_in(self.database_url)
        return (*told, password) if len(password) >= _MASKED else tuple(told)
