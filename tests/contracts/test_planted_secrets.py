"""An operator who puts a secret into the wrong variable does not find it in a report or a log."""

import contextlib
import traceback
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.settings import SettingsProblems, read_settings
from tests.environment import COMPLETE, NO_FILE, VARIABLES, environment

PLANTED = {
    "bot token": "xoxb-17653672481-pLaNtEd",
    "app token": "xapp-1-A111-pLaNtEd",
    "signing secret": "8f742231b10e8888pLaNtEd9yyyzzz85",
    "Buddy token": "2d1f4c5e-9b7a-4c3d-8e2f-pLaNtEd3d4e5",
    "URL with a password": "https://bot:pLaNtEd@example.com/",
    "database with a password": "postgresql://bot:pLaNtEd@db/bot",
    "list": '["pLaNtEd", 1, {"pLaNtEd": []}]',
    "broken list": '["pLaNtEd"',
    "number": "12345pLaNtEd",
}


@pytest.mark.parametrize("secret", PLANTED.values(), ids=PLANTED)
@pytest.mark.parametrize("variable", [*VARIABLES, "GREENLIGHT_SLACK_TOKEN"])
def test_no_report_repeats_a_value(variable: str, secret: str) -> None:
    """Neither the exception, nor its context, nor its report holds what stood in the variable."""
    variables = COMPLETE | {variable: secret, "GREENLIGHT_LOG_LEVEL": "wrong in any case"}
    with environment(variables), pytest.raises(SettingsProblems) as refused:
        read_settings(NO_FILE)

    error = refused.value
    told = [error.report(), repr(error), str(vars(error)), *traceback.format_exception(error)]
    assert "pLaNtEd" not in "".join(told)
    assert error.__context__ is None
    assert error.__cause__ is None


def test_the_command_line_repeats_no_value(tmp_path: Path) -> None:
    """With a secret in every variable at once, and in the file, the output holds none."""
    (tmp_path / ".env").write_text("GREENLIGHT_MINE=xoxb-pLaNtEd-in-the-file\n")
    for secret in PLANTED.values():
        with contextlib.chdir(tmp_path), environment(dict.fromkeys(VARIABLES, secret)):
            result = CliRunner().invoke(main, ["serve"])
        assert result.exit_code == 2
        assert "GREENLIGHT_MINE is not a setting." in result.output
        assert "pLaNtEd" not in result.output
