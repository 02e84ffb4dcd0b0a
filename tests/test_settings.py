"""The operator's settings are read once, and every problem is told at once, without a value."""

import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from bot.settings import (
    ListenAddress,
    Settings,
    SettingsProblems,
    read_command,
    read_settings,
    read_storage,
)
from tests.environment import (
    BOT_TOKEN,
    COMPLETE,
    KEY,
    NO_FILE,
    OLDER_KEY,
    SIGNING_SECRET,
    VARIABLES,
    environment,
)


def settings_of(**changes: str) -> Settings:
    """Read the settings with some variables changed, named without their prefix."""
    with environment(COMPLETE | {f"GREENLIGHT_{name.upper()}": v for name, v in changes.items()}):
        return read_settings(NO_FILE)


def problems_of(**changes: str) -> dict[str, str]:
    """Tell which variables are refused, and why."""
    with pytest.raises(SettingsProblems) as refused:
        settings_of(**changes)
    return {each.variable: each.wrong for each in refused.value.problems}


def test_three_variables_are_enough() -> None:
    """An operator sets two secrets of Slack's and a key; everything else has a default."""
    settings = settings_of()

    assert settings.slack_bot_token.get_secret_value() == BOT_TOKEN
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.buddy_api_url == "https://api.buddy.works"
    assert settings.buddy_app_url == "https://app.buddy.works"
    assert settings.buddy_timeout == timedelta(seconds=10)
    assert settings.database_url.get_secret_value() == "sqlite:///greenlight.sqlite3"
    assert settings.listen == ListenAddress("127.0.0.1", 3000)
    assert (settings.command, settings.log_level, settings.log_format) == ("/buddy", "info", "json")


def test_all_problems_come_together() -> None:
    """One start is enough to learn everything that is missing, wrong or misspelt."""
    with (
        environment({"GREENLIGHT_LISTEN": "everywhere", "GREENLIGHT_TOKEN_KEY": KEY}),
        pytest.raises(SettingsProblems) as refused,
    ):
        read_settings(NO_FILE)

    assert [each.variable for each in refused.value.problems] == [
        "GREENLIGHT_TOKEN_KEYS",
        "GREENLIGHT_SLACK_BOT_TOKEN",
        "GREENLIGHT_SLACK_SIGNING_SECRET",
        "GREENLIGHT_LISTEN",
        "GREENLIGHT_TOKEN_KEY",
    ]
    report = refused.value.report()
    assert "Bot User OAuth Token" in report
    assert "Did you mean GREENLIGHT_TOKEN_KEYS?" in report


def test_every_problem_says_what_to_do() -> None:
    """No line of the report leaves the operator alone, whichever variable is wrong."""
    with (
        environment(dict.fromkeys(VARIABLES, "§") | {"GREENLIGHT_QQ": "1"}),
        pytest.raises(SettingsProblems) as refused,
    ):
        read_settings(NO_FILE)

    assert {each.variable for each in refused.value.problems} == {*VARIABLES, "GREENLIGHT_QQ"}
    assert all(each.remedy and each.wrong.endswith(".") for each in refused.value.problems)


def test_an_empty_variable_counts_as_not_set() -> None:
    """A copied `.env.example` with empty lines is filled in step by step."""
    assert settings_of(slack_app_token="", buddy_ca_file="").slack_app_token is None
    assert problems_of(token_keys="") == {"GREENLIGHT_TOKEN_KEYS": "is not set."}


def test_space_around_a_value_is_no_problem() -> None:
    """A token copied with a line break at its end still works."""
    assert settings_of(slack_bot_token=f" {BOT_TOKEN}\n").slack_bot_token == SecretStr(BOT_TOKEN)


@pytest.mark.parametrize(
    ("api", "app"),
    [
        ("https://api.buddy.works", "https://app.buddy.works"),
        ("https://api.eu.buddy.works/", "https://app.eu.buddy.works"),
        ("https://API.asia.buddy.works", "https://app.asia.buddy.works"),
        ("https://buddy.example.com/api", "https://buddy.example.com"),
        ("https://buddy.example.com:8443/ci/api/", "https://buddy.example.com:8443/ci"),
        ("https://api.example.com", "https://api.example.com"),
        ("http://127.0.0.1:8080/api", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://buddy.localhost", "http://buddy.localhost"),
    ],
)
def test_the_address_of_the_web_app_follows_from_the_api(api: str, app: str) -> None:
    """Naming the API is enough, in each region of Buddy's cloud and self-hosted."""
    assert settings_of(buddy_api_url=api).buddy_app_url == app


def test_the_address_of_the_web_app_can_be_named() -> None:
    """Where people open Buddy elsewhere, links go there."""
    settings = settings_of(buddy_app_url="https://ci.example.com/")
    assert settings.buddy_app_url == "https://ci.example.com"


def test_a_wrong_api_address_is_one_problem() -> None:
    """What would have followed from it is not reported as well."""
    assert list(problems_of(buddy_api_url="http://buddy.example.com")) == [
        "GREENLIGHT_BUDDY_API_URL"
    ]


@pytest.mark.parametrize("variable", ["slack_api_url", "buddy_api_url", "buddy_app_url"])
@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://10.0.0.1/api",
        "http://localhost.example.com",
        "ftp://example.com",
        "example.com",
        "https://",
        "https://example.com:port",
        "https://example.com:0",
        "https://exa mple.com",
        "https://[::1",
        "https://user:pass@example.com",
        "https://example.com?token=1",
        "https://example.com#here",
    ],
)
def test_secrets_are_sent_to_safe_addresses_only(variable: str, url: str) -> None:
    """An address without encryption, or with a secret in it, is refused."""
    assert list(problems_of(**{variable: url})) == [f"GREENLIGHT_{variable.upper()}"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:3000", ListenAddress("127.0.0.1", 3000)),
        ("[::1]:3000", ListenAddress("::1", 3000)),
        ("0.0.0.0:65535", ListenAddress("0.0.0.0", 65535)),  # noqa: S104 - it is only read
        ("localhost:0", ListenAddress("localhost", 0)),
    ],
)
def test_where_to_listen_is_host_and_port(text: str, address: ListenAddress) -> None:
    """IPv4, IPv6 and names; port 0 lets the system choose. It is written as it was read."""
    assert settings_of(listen=text).listen == address
    assert str(address) == text


@pytest.mark.parametrize("text", ["3000", ":3000", "::1:3000", "host:65536", "host:", "host:x"])
def test_a_wrong_place_to_listen_is_refused(text: str) -> None:
    """Half an address is not guessed at."""
    assert problems_of(listen=text) == {"GREENLIGHT_LISTEN": "is not host:port."}


@pytest.mark.parametrize("text", ["10", "10s", "10 s", "10.0", "PT10S"])
def test_a_duration_may_be_written_in_several_ways(text: str) -> None:
    """Seconds with or without a unit, and ISO 8601."""
    assert settings_of(buddy_timeout=text).buddy_timeout == timedelta(seconds=10)


@pytest.mark.parametrize("text", ["0", "-1", "61", "PT2H", "10m", "soon", "9" * 400, "P", "nan"])
def test_a_wrong_duration_is_refused(text: str) -> None:
    """Nobody waits for nothing, or for more than a minute."""
    assert list(problems_of(buddy_timeout=text)) == ["GREENLIGHT_BUDDY_TIMEOUT"]


@pytest.mark.parametrize(
    "text", [f"{KEY},{OLDER_KEY}", f" {KEY} , {OLDER_KEY},", f'["{KEY}", "{OLDER_KEY}"]']
)
def test_keys_keep_their_order(text: str) -> None:
    """The newest key comes first, in a comma-separated list and in a JSON list."""
    keys = settings_of(token_keys=text).token_keys
    assert [key.get_secret_value() for key in keys] == [KEY, OLDER_KEY]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (",", "is empty."),
        ("[]", "is empty."),
        ("[", "is neither a JSON list nor a comma-separated one."),
        ("[1, 2]", "is wrong."),
        (f"{KEY},abc", "has something at position 2 that is not a key."),
        (f"{KEY},schlüssel", "has something at position 2 that is not a key."),
    ],
)
def test_a_wrong_key_is_named_by_its_position(text: str, wrong: str) -> None:
    """The operator learns which of several keys is wrong, and the log does not learn the key."""
    assert problems_of(token_keys=text) == {"GREENLIGHT_TOKEN_KEYS": wrong}


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
def test_a_sqlite_file_may_be_named_with_a_driver(tmp_path: Path, scheme: str) -> None:
    """What people write becomes what the database layer needs."""
    settings = settings_of(database_url=f"{scheme}:///{tmp_path}/bot.sqlite3")
    assert settings.database_url.get_secret_value() == f"sqlite:///{tmp_path}/bot.sqlite3"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bot:secret@db",
        "postgresql://bot:secret@db:port/bot",
        "postgresql+pg8000://bot:secret@db/bot",
        "mysql://bot:secret@db/bot",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file:bot?mode=memory&uri=true",
        "sqlite:////there/is/no/such/folder/bot.sqlite3",
        "bot.sqlite3",
    ],
)
def test_only_what_can_remember_is_a_database(url: str) -> None:
    """What would forget everything, or fail at the first click, is refused at the start."""
    found = problems_of(database_url=url)
    assert list(found) == ["GREENLIGHT_DATABASE_URL"]
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgres://bot:secret@db/bot", "asyncpg"),
        ("postgresql://bot:secret@db/bot", "asyncpg"),
        ("postgresql+asyncpg://bot:secret@db/bot", "asyncpg"),
        ("postgresql+psycopg://bot:secret@db/bot?sslmode=require", "psycopg"),
    ],
)
def test_a_postgresql_database_may_be_named_without_the_driver(url: str, driver: str) -> None:
    """Its password is a secret wherever the settings are written."""
    settings = settings_of(database_url=url)

    assert settings.database_url.get_secret_value().startswith(f"postgresql+{driver}://bot:secret@")
    assert "secret@" not in repr(settings)
    assert "secret" in settings.secrets()


@pytest.mark.parametrize("name", ["/buddy", "/deploy-2_b", "/" + "b" * 31])
def test_the_command_may_have_another_name(name: str) -> None:
    """A workspace that has a /buddy already chooses its own."""
    assert settings_of(command=name).command == name


@pytest.mark.parametrize("name", ["buddy", "/", "/Buddy", "/bud dy", "/buddy\x00", "/" + "b" * 32])
def test_a_command_that_slack_would_refuse_is_refused(name: str) -> None:
    """The mistake shows at the start, not as a command that never arrives."""
    with pytest.raises(ValidationError):
        Settings(
            slack_bot_token=SecretStr(BOT_TOKEN),
            slack_signing_secret=SecretStr(SIGNING_SECRET),
            token_keys=(SecretStr(KEY),),
            command=name,
        )


def test_the_level_is_read_in_either_case() -> None:
    """INFO and info are the same."""
    assert settings_of(log_level="WARNING", log_format="TEXT").log_level == "warning"
    assert problems_of(log_level="loud") == {"GREENLIGHT_LOG_LEVEL": "is none of the choices."}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("slack_bot_token", "xapp-1-A1-2-abc"),
        ("slack_bot_token", "xoxp-1-2-3"),
        ("slack_app_token", BOT_TOKEN),
        ("slack_signing_secret", BOT_TOKEN),
        ("slack_signing_secret", "abc"),
    ],
)
def test_secrets_in_each_others_place_are_noticed(variable: str, value: str) -> None:
    """Slack hands out several secrets that look alike; a swap is found before Slack refuses it."""
    assert list(problems_of(**{variable: value})) == [f"GREENLIGHT_{variable.upper()}"]


def certificate() -> bytes:
    """Make the certificate of an authority, as a self-hosted Buddy has one."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Our own authority")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), serial_number=1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def test_a_certificate_authority_is_read_at_the_start(tmp_path: Path) -> None:
    """A file that is missing or holds something else is noticed before the first call."""
    authority = tmp_path / "authority.pem"
    authority.write_bytes(certificate())
    assert settings_of(buddy_ca_file=str(authority)).buddy_ca_file == authority
    other = tmp_path / "other.pem"
    other.write_text("not a certificate")
    for path in (other, tmp_path, tmp_path / "missing.pem"):
        assert list(problems_of(buddy_ca_file=str(path))) == ["GREENLIGHT_BUDDY_CA_FILE"]


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """`.env` holds the usual values; one start may differ."""
    file = tmp_path / ".env"
    file.write_text("GREENLIGHT_COMMAND=/deploy\nGREENLIGHT_LOG_LEVEL=debug\nOTHER=1\n")
    with environment(COMPLETE | {"GREENLIGHT_COMMAND": "/ship"}):
        settings = read_settings(file)
    assert (settings.command, settings.log_level) == ("/ship", "debug")


def test_a_misspelt_variable_in_the_file_is_noticed(tmp_path: Path) -> None:
    """A setting that is silently ignored is worse than no start."""
    file = tmp_path / ".env"
    file.write_text("greenlight_comand=/deploy\n")
    with environment(COMPLETE), pytest.raises(SettingsProblems, match="1 wrong") as refused:
        read_settings(file)
    assert "Did you mean GREENLIGHT_COMMAND?" in refused.value.report()


def test_a_file_that_is_no_text_is_a_problem_of_its_own(tmp_path: Path) -> None:
    """Its bytes do not come back in a traceback."""
    file = tmp_path / ".env"
    file.write_bytes(b"GREENLIGHT_SLACK_BOT_TOKEN=xoxb-\xff")
    with environment(COMPLETE), pytest.raises(SettingsProblems) as refused:
        read_settings(file)
    assert [each.variable for each in refused.value.problems] == [str(file)]
    assert "xoxb" not in "".join(traceback.format_exception(refused.value))


def test_what_kubernetes_and_the_tests_set_is_left_alone() -> None:
    """A Service named «greenlight» adds variables to every pod; they are not typing errors."""
    settings_of(
        service_host="10.0.0.1",
        service_port="3000",
        service_port_http="3000",
        port="tcp://10.0.0.1:3000",
        port_3000_tcp_addr="10.0.0.1",
        test_database_url="postgresql://localhost/test",
    )
    assert list(problems_of(port="3000")) == ["GREENLIGHT_PORT"]


def test_the_command_can_be_read_before_there_is_a_slack_app() -> None:
    """The manifest needs the command's name, and makes the app whose tokens are still missing."""
    with environment({"GREENLIGHT_COMMAND": "/ship", "GREENLIGHT_SLACK_BOT_TOKEN": "not yet"}):
        assert read_command(NO_FILE) == "/ship"


def test_settings_read_nothing_by_themselves() -> None:
    """Tests and the sandbox build settings that the machine's environment cannot change."""
    with environment({"GREENLIGHT_COMMAND": "/ship", "GREENLIGHT_LOG_LEVEL": "loud"}):
        settings = Settings(
            slack_bot_token=SecretStr(BOT_TOKEN),
            slack_signing_secret=SecretStr(SIGNING_SECRET),
            token_keys=(SecretStr(KEY),),
        )
    assert settings.command == "/buddy"


def test_settings_cannot_be_changed() -> None:
    """What the operator set holds until the process ends."""
    settings = settings_of()
    for name in Settings.model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(settings, name, "/other")


def test_all_secrets_are_named_for_the_log() -> None:
    """Every secret value is handed to the log, which masks it wherever it occurs."""
    settings = settings_of(slack_app_token="xapp-1-A1-2-abc", token_keys=f"{KEY},{OLDER_KEY}")
    assert set(settings.secrets()) == {
        BOT_TOKEN,
        "xapp-1-A1-2-abc",
        SIGNING_SECRET,
        KEY,
        OLDER_KEY,
    }
    shown = repr(settings)
    assert not any(secret in shown for secret in settings.secrets())


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@given(variable=st.sampled_from(VARIABLES), text=TEXT)
def test_any_text_is_read_or_refused_without_being_repeated(variable: str, text: str) -> None:
    """Whatever stands in a variable, the bot reads it or says so, and never says it again."""
    with environment(COMPLETE | {variable: f"{text}hunter2{text}"}):
        told, context = told_by_a_start()
    assert "hunter2" not in told
    assert context is None


def told_by_a_start() -> tuple[str, BaseException | None]:
    """Read the settings; return everything an operator or a log could be shown about it."""
    try:
        read_settings(NO_FILE)
    except SettingsProblems as refused:
        shown = [refused.report(), repr(refused), *traceback.format_exception(refused)]
        return "".join(shown), refused.__context__
    return "", None


def test_looking_after_the_database_needs_nothing_of_slack() -> None:
    """A job of the operator's gets two variables, not the bot's tokens; typos are noticed."""
    with environment({"GREENLIGHT_TOKEN_KEYS": f"{OLDER_KEY},{KEY}"}):
        settings = read_storage(NO_FILE)
    keys = [key.get_secret_value() for key in settings.token_keys]
    assert keys == [OLDER_KEY, KEY]

    with (
        environment({"GREENLIGHT_TOKEN_KEYS": KEY, "GREENLIGHT_DATABASE": "x"}),
        pytest.raises(SettingsProblems) as refused,
    ):
        read_storage(NO_FILE)
    assert [each.variable for each in refused.value.problems] == ["GREENLIGHT_DATABASE"]
