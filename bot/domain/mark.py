"""The mark by which a run is found again should the answer to its start be lost. Pure.

It stands at the end of the run's comment in Buddy: ``as agreed [gl-7fk2mz]``. People see it there
and nowhere else. Whoever reads comments for a card takes it off.
"""

import re

# Letters and digits that nobody takes for each other, and that make no words.
_DIGITS, _LETTERS = "23456789", "bcdfghjkmnpqrstvwxz"
_ALPHABET = _DIGITS + _LETTERS
_LENGTH = 6
_MARK = re.compile(rf"\s*\[gl-([{_ALPHABET}]{{{_LENGTH}}})\]\s*\Z")


def mark_of(number: int) -> str:
    """Write a random number as a mark: some hundred millions of them are different."""
    letters = []
    for _ in range(_LENGTH):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "".join(letters)


def marked(comment: str, mark: str) -> str:
    """Put a mark at the end of a comment, by which the run is found should its answer be lost."""
    told = comment.rstrip()
    return f"{told} [gl-{mark}]" if told else f"[gl-{mark}]"


def unmarked(comment: str) -> tuple[str, str]:
    """Take the mark off a comment: what people wrote, and the mark; it is empty if none is there.

    People never see a mark of ours on a card.
    """
    found = _MARK.search(comment)
    return (comment[: found.start()], found[1]) if found else (comment, "")
