"""One view for each state of the form that starts a run, and the golden files that show them.

``python -m tests.cards.run_forms`` writes the files anew; read the difference before you commit it.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.cards.card import Form
from bot.cards.run_form import Sheet, looking_form, requested_form, run_form
from bot.cards.run_memo import Memo
from bot.domain.catalog import Pipeline, PipelineRef, VariableField
from bot.domain.click import Place
from bot.domain.command import Assignment, Priority
from bot.domain.execution import GitRef, GitRefKind
from bot.domain.run_entries import Entries

FOLDER = Path(__file__).parent / "golden_forms"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
AT = PipelineRef("api.buddy.works", "acme", "shop", 7)
HERE = Memo(AT, "Web Shop / Deploy", place=Place("C0DEPLOY01"))


def pipeline(**told: object) -> Pipeline:
    """Make the pipeline of most cases."""
    usual = Pipeline(7, "deploy", "Deploy", "", ("refs/heads/main",), False, False)  # noqa: FBT003 - as it is in Buddy
    return replace(usual, **told)  # type: ignore[arg-type]  # whatever a case wants


def asked(key: str, default: str = "", *options: str, **told: object) -> VariableField:
    """Make a variable that a pipeline asks for."""
    usual = VariableField(key, default, options, "", False, False, bool(default))  # noqa: FBT003 - usual
    return replace(usual, **told)  # type: ignore[arg-type]  # whatever a case wants


INPUTS = (
    asked("VERSION", description="What to ship"),
    asked("STAGE", "", "test", "live"),
    asked("PASSWORD", is_encrypted=True, has_value=True),
)
FILLED = Entries(
    GitRef(GitRefKind.BRANCH, "release/2"),
    "8c1f0f6f",
    (Assignment("VERSION", "2.1"), Assignment("STAGE", "live"), Assignment("EXTRA", "1")),
    "as agreed",
    from_scratch=True,
    priority=Priority.HIGH,
    starts_at=NOON,
)
WHOLE = Sheet(HERE, FILLED, pipeline(needs_comment=True), INPUTS, last_at=NOON)
MANY = tuple(asked(f"VARIABLE_{number}", "x") for number in range(120))
CASES: dict[str, Form] = {
    "empty": run_form(Sheet(Memo(place=Place("C0DEPLOY01")))),
    "from_a_shortcut": run_form(Sheet(Memo())),
    "reading": run_form(Sheet(HERE, is_reading=True)),
    "whole": run_form(WHOLE),
    "wildcard": run_form(Sheet(HERE, pipeline=pipeline(refs=("refs/heads/*", "refs/tags/*")))),
    "codeless": run_form(Sheet(HERE, pipeline=pipeline(refs=(), is_codeless=True))),
    "noted": run_form(Sheet(HERE, notes=(":warning: Buddy does not answer.",))),
    "more_than_fit": run_form(Sheet(HERE, pipeline=pipeline(), inputs=MANY)),
    "looking": looking_form("shop #12"),
    "requested": requested_form("Web Shop / Deploy", "C0DEPLOY01", None),
    "requested_for_later": requested_form("Web Shop / Deploy", "C0DEPLOY01", NOON),
}


def written(name: str) -> str:
    """Write one case's view as its golden file holds it."""
    return json.dumps(CASES[name].view, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every golden file anew, and remove those without a case."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name in CASES:
        (FOLDER / f"{name}.json").write_text(written(name), encoding="utf-8")


if __name__ == "__main__":
    main()
