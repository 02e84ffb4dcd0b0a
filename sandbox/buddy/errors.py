"""How the simulated Buddy says no."""

API_DISABLED = "API is disabled in this workspace."
"""S17, S27."""

WORKSPACE_INACTIVE = "Only active workspace have access to API"
"""S29, as it stands there."""

RATE_LIMIT = "Rate limit exceeded."
"""S27."""

SCOPE_MISSING = "cannot receive data"
"""S17 quotes these words; that the answer's code is 403 is unknown, chosen."""


class Refused(Exception):
    """Buddy will not do it. Texts without a source above are invented: nobody may match on them."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def forbidden(message: str) -> Refused:
    """The person or the token may not. That the code is 403 is inferred."""
    return Refused(403, message)


def missing(what: str) -> Refused:
    """There is no such thing, or it is hidden. 404 for hidden things is unknown, chosen."""
    return Refused(404, f"{what} not found")


def bad(message: str) -> Refused:
    """The body is wrong, or the state does not allow it. 400 for a wrong state is inferred."""
    return Refused(400, message)
