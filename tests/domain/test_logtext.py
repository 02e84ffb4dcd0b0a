"""Lines of a log are made fit to be shown."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.logtext import MASK, MAX_LINE, plain, tidy

SECRETS = {
    "Buddy token": "8f742231-b10e-4888-9abc-9d1f0c2e4a55",
    "Slack": "xoxb-17653672481-19874698323-abcDEF",
    "Slack app": "xapp-1-A111-222-abcdef0123",
    "Slack webhook": "https://hooks.slack.com/services/T000/B000/XXXX",
    "GitHub": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "GitHub fine-grained": "github_pat_11AAAAAAA0abcdefghij_klmnop",
    "GitLab": "glpat-abcdefghij0123456789",
    "AWS id": "AKIAIOSFODNN7EXAMPLE",
    "AWS key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzqXv3RtKEY",
    "Google": "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "Stripe": "sk_live_abcdefghijklmnop",
    "npm": "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "PyPI": "pypi-AgEIcHlwaS5vcmcCJDAwMDAwMDAw",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3",
    "Telegram": "123456789:AAabcdefghijklmnopqrstuvwxyz01234567",
    "hexadecimal": "9f86d081884c7d659a2feaa0c55ad015",
    "base 64": "q83vEjRWeJq83vEjRWeJAbCdEfGh1234==",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("line", ["{}", "using {} for this", "got '{}'.", '{{"x": "{}"}}'])
def test_tokens_are_masked_wherever_they_stand(line: str, secret: str) -> None:
    """A token of a known shape, or one that looks random, needs no name before it."""
    [told] = tidy([line.format(secret)])

    assert MASK in told
    assert secret not in told
    assert secret[8:20] not in told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("DB_PASSWORD=hunter2 make", "DB_PASSWORD=*** make"),
        ("password: hunter2", "password: ***"),
        ("password = 'a b c'", "password = ***"),
        ('{"token": "abc", "user": "x"}', '{"token": ***, "user": "x"}'),
        ("clientSecret: 'xyz'", "clientSecret: ***"),
        ("x-api-key: 123", "x-api-key: ***"),
        ("?access_token=abc&page=2", "?access_token=***&page=2"),
        ("mysql --password=foo --host db", "mysql --password=*** --host db"),
        ("vault --token foo read", "vault --token *** read"),
        ("curl -u bob:pw1 example.com", "curl -u bob:*** example.com"),
        ("Authorization: Bearer abc", "Authorization: Bearer ***"),
        ("-H 'Authorization: Basic dXNl'", "-H 'Authorization: Basic ***'"),
        ("set bearer abcdefgh12", "set bearer ***"),
        ("postgres://bot:pw@db/bot", "postgres://***@db/bot"),
        ("https://x-access-token:abc@github.com/a.git", "https://***@github.com/a.git"),
        ("MY_SECRET_PROD = abc", "MY_SECRET_PROD = ***"),
    ],
)
def test_what_a_name_gives_away_is_masked(line: str, told: str) -> None:
    """However short the value is, the name before it says what it is; the rest stays."""
    assert tidy([line]) == (told,)


@pytest.mark.parametrize(
    "line",
    [
        "added 12 packages in 3 s",
        "commit 506a3963507943d6908154f4bc9646e829128a08",
        "HEAD is now at 506a3963507943d6908154f4bc9646e829128a08 Fix login",
        "digest: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "integrity sha512-abcDEF123abcDEF123abcDEF123abcDEF123abcDEF123==",
        "node_modules/@babel/plugin-transform-Something2/lib/index.js",
        "src/components/UserProfile2/UserProfileContainer.test.tsx",
        "deploying release-2026-11-23T10-22-11Z-build",
        "Error: passwordless login failed",
        "secret found in the vault",
        "tests/flows/test_a_secret_in_a_log_is_masked PASSED",
        "=================== 41 passed ====================",
    ],
)
def test_what_people_need_to_read_stays(line: str) -> None:
    """Paths, commits, checksums and prose are no secrets."""
    assert tidy([line]) == (line,)


def test_a_private_key_is_masked_as_a_whole() -> None:
    """Also where the log was cut in the middle of it."""
    lines = ["begin", "-----BEGIN RSA PRIVATE KEY-----", "MIIEabc", "xyz==", "end?"]
    ending = "-----END RSA PRIVATE KEY-----"

    assert tidy([*lines, ending, "after"]) == ("begin", *[MASK] * 5, "after")
    told = tidy(["short words", "MIIEowIBAAKCAQEAabcdefghijklmnop", ending, "after"])
    assert told == ("short words", MASK, MASK, "after")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[1;32mok\x1b[0m", "ok"),
        ("\x9b32mok", "ok"),
        ("\x1b]0;title\x07ok", "ok"),
        ("\x1b]8;;https://evil\x1b\\ok\x1b]8;;\x1b\\", "ok"),
        ("\x1b(Bok\x1b", "ok"),
        ("10 %\r50 %\r100 %", "100 %"),
        ("done\r\n", "done"),
        ("a\tb\0c\x08", "a    bc"),
        ("a\u202eb\u200bc\u2066d", "abcd"),
        ("Grüße, 世界 👋", "Grüße, 世界 👋"),
    ],
)
def test_only_what_can_be_seen_is_shown(raw: str, shown: str) -> None:
    """Colours, control characters and direction marks are gone; letters of any script stay."""
    assert plain(raw) == shown


@given(st.lists(st.text(max_size=400), max_size=5))
def test_any_lines_become_as_many_short_ones(lines: list[str]) -> None:
    """Nothing that a pipeline prints makes the reader fall over."""
    told = tidy(lines)

    assert len(told) == len(lines)
    assert all(len(line) <= MAX_LINE + len(MASK) for line in told)
    assert not any(char < " " or char == "\x7f" for line in told for char in line)


@pytest.mark.parametrize(
    "piece", ["a", "-", "a_", "password", "--password ", "a.b-", "\x1b", "x://", "eyJ", "\x1b]"]
)
def test_a_hostile_line_costs_little(piece: str) -> None:
    """A line of a megabyte is looked at as shortly as any other."""
    began = time.perf_counter()

    tidy([piece * (1_000_000 // len(piece))] * 20)

    assert time.perf_counter() - began < 20, "not with the square of its length"
