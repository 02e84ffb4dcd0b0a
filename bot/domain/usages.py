"""How each command is written, what it does, and one example: what help is made of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """One line of the grammar, as help shows it."""

    word: str
    arguments: str
    does: str
    example: str


USAGES = (
    Usage("connect", "", "Link your Buddy account.", "connect"),
    Usage("disconnect", "", "Forget your Buddy account.", "disconnect"),
    Usage("whoami", "", "Show which Buddy account you act as.", "whoami"),
    Usage("projects", "", "List your projects.", "projects"),
    Usage("pipelines", "[PROJECT]", "List the pipelines of a project.", "pipelines shop"),
    Usage(
        "executions", "[PIPELINE]", "List the executions of a pipeline.", "executions shop/deploy"
    ),
    Usage(
        "show",
        "EXECUTION",
        "Put the live card of an execution into this channel.",
        "show shop/deploy#12",
    ),
    Usage(
        "status",
        "[EXECUTION]",
        "Tell the state in one glance; alone, of all that is open in this channel.",
        "status shop/deploy",
    ),
    Usage(
        "logs",
        "EXECUTION [ACTION]",
        "Show the end of a log: of that action, else of the failed one, else of the current one.",
        "logs shop/deploy#12 Build",
    ),
    Usage(
        "approve",
        "EXECUTION [reason:TEXT]",
        "Let an execution that waits for approval continue.",
        'approve shop/deploy#12 reason:"tested on staging"',
    ),
    Usage(
        "reject",
        "EXECUTION [reason:TEXT]",
        "Refuse an execution that waits; Buddy then cancels it.",
        'reject shop/deploy#12 reason:"wrong branch"',
    ),
    Usage("cancel", "EXECUTION [reason:TEXT]", "Stop an execution.", "cancel shop/deploy#12"),
    Usage(
        "retry", "EXECUTION", "Run a failed or cancelled execution again.", "retry shop/deploy#12"
    ),
    Usage("start", "EXECUTION", "Start a scheduled execution now.", "start shop/deploy#12"),
    Usage("help", "[COMMAND]", "Explain all commands, or one.", "help approve"),
)
