"""What may be said about a wrong setting: its name and constants, never a value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One variable that is missing, wrong or unknown; never its value."""

    variable: str
    wrong: str
    remedy: str


class SettingsProblems(Exception):
    """Everything that is wrong with the settings, at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} wrong or missing settings")
        self.problems = problems

    def report(self) -> str:
        """List each variable, what is wrong with it and what to do."""
        lines = [f"  {each.variable} {each.wrong}\n      {each.remedy}" for each in self.problems]
        return "\n".join(["Greenlight cannot start with these settings:", *lines])


@dataclass(frozen=True, slots=True)
class Remedy:
    """How an operator gets a right value; stands beside the field it belongs to."""

    text: str


class Wrong(ValueError):
    """Refused by this module: the text is a constant of ours and may be shown."""
