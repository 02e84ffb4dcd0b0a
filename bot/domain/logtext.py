"""Make lines of a log fit to be shown: no colours, no control characters, no secrets, not too long.

What looks like a secret is masked: tokens of known shapes, passwords in addresses, private keys,
values after names that sound like one, and long texts that look random. A log that shows less than
it could is a nuisance; one that shows a secret is an incident. So in doubt it is masked.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

MASK = "***"
MAX_LINE = 240
"""Characters of a line that are shown."""

_MAX_RAW = 20_000
"""Characters of a line that are looked at, progress bars and all."""

_MAX_PLAIN = 1_000
"""Characters among which secrets are looked for: more than are shown."""

_LONG_SECRET = 5
"""Characters from which on a known secret is masked inside words, too."""

# CSI and OSC sequences, then every other escape. Source: ECMA-48.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[PX^_][^\x1b\x9c]*(?:\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_DIRECTIONS = (0x061C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0xFEFF, *range(0xD800, 0xE000))
_INVISIBLE = dict.fromkeys((*_CONTROLS, *_DIRECTIONS))

_TOKENS = (
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",  # Buddy, Heroku, Azure
    r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|https://hooks\.slack\.com/\S+",
    r"gh[a-z]_\w{16,}|github_pat_\w{16,}",
    r"gl(?:pat|ptt|dt|rt|cbt|ft|soat|imt|agent)-[\w.-]{8,}",  # GitLab
    r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{12,}",  # AWS
    r"AIza[\w-]{30,}|ya29\.[\w.-]{16,}",  # Google
    r"\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)[-_][\w-]{8,}|\bsk-\w{20,}|whsec_\w{16,}",  # Stripe…
    r"npm_\w{20,}|pypi-[\w-]{16,}|dckr_[a-z]+_[\w-]{16,}|\bhf_\w{16,}|rubygems_\w{16,}",
    r"dop_v1_\w{16,}|\bhv[sb]\.[\w-]{16,}|SG\.[\w-]{16,}\.[\w-]{16,}|\bshp[a-z]{2}_\w{16,}",
    r"eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?",  # JWT
    r"\b[0-9]{8,10}:AA[\w-]{30,}|AGE-SECRET-KEY-1\w{16,}",  # Telegram, age
)
_SHAPES = re.compile("|".join(_TOKENS))
_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.-]{0,30}://)[^\s/@]+@", re.IGNORECASE)
_HEADER = re.compile(
    r"\b((?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?(?:(?:bearer|basic|token|digest)\s+)?)"
    r"[^\s'\"]+",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
_NAMES = (
    r"pass(?:word|wd|phrase|code)?|pwd|secrets?|tokens?|credentials?|cookies?|signature|session[-_]?id"
    r"|(?:api|access|private|secret|signing|encryption|account|auth|ssh|master|license)[-_.]?keys?"
    r"|connection[-_]?string|dsn"
)
_VALUE = r"(?:\"[^\"]*\"?|'[^']*'?|[^\s,;&'\"]+)"
_NAMED = re.compile(
    rf"((?<![A-Za-z0-9])(?:{_NAMES})(?:[_.-]\w{{1,20}})?['\"]?"
    rf"(?:\s{{0,8}}(?:=>|:=|[:=])\s{{0,8}}|\s{{1,8}}(?=['\"]))){_VALUE}",
    re.IGNORECASE,
)
_CAMEL = re.compile(
    r"((?<=[a-z0-9])(?:Password|Secret|Token|ApiKey|PrivateKey|AccessKey)['\"]?"
    rf"\s{{0,8}}[:=]\s{{0,8}}){_VALUE}"
)
_OPTION = re.compile(
    rf"((?<![\w-])--?[\w-]{{0,40}}?(?:{_NAMES})[\w-]{{0,40}}[ =]{{1,8}})(?!-){_VALUE}",
    re.IGNORECASE,
)
_USER_OPTION = re.compile(r"(\s(?:-u|--user)[ =]?['\"]?[^\s:'\"]+:)[^\s'\"]+")
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----")
_KEY_ENDS = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----")
_DENSE = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
_PUBLIC = re.compile(
    r"(?:\b(?:sha(?:1|224|256|384|512)|md5)[:=-]|\b(?:commit|revision|HEAD is now at|digest:?) )\Z",
    re.IGNORECASE,
)
"""What stands before a checksum or a commit: long and random, but known to everybody."""

_HEX = re.compile(r"[0-9a-fA-F]{32,}")
_MIN_ENTROPY = 3.5
_MIN_CHANGES = 0.25


def tidy(lines: Iterable[str], secrets: Iterable[str] = ()) -> tuple[str, ...]:
    """Make lines fit to be shown to whoever may read the log.

    ``secrets`` are values that are known to be secret: they are masked wherever they occur.
    """
    known = _known(secrets)
    told = []
    in_key = False
    for raw in lines:
        line = plain(raw[:_MAX_RAW])
        if known is not None:
            line = known.sub(MASK, line)
        begins, ends = _KEY_BEGINS.search(line), _KEY_ENDS.search(line)
        if in_key or begins:
            in_key = not ends
            told.append(f"{line[: begins.start()] if begins else ''}{MASK}")
            continue
        if ends:
            # The log was cut inside the key: what came before it was key, too.
            told = [MASK if _DENSE.search(before) else before for before in told]
            told.append(MASK)
            continue
        told.append(_cut(masked(line[:_MAX_PLAIN])))
    return tuple(told)


def _known(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """Find known secrets, the longest first; a short one only where it stands alone.

    A value of one letter would mask most of every line. What consists of stars is masked already.
    """
    found = sorted({text for each in secrets if (text := plain(each).strip("* "))}, key=len)
    told = [re.escape(text) for text in reversed(found)]
    alone = [rf"(?<!\w){text}(?!\w)" if len(text) < _LONG_SECRET else text for text in told]
    return re.compile("|".join(alone)) if alone else None


def plain(line: str) -> str:
    """Take away colours and everything that cannot be seen, as a terminal would show the line."""
    line = _ESCAPES.sub("", line).rstrip("\r\n")
    # A progress bar writes its line again and again; the last one stands.
    line = line.rsplit("\r", 1)[-1].replace("\t", "    ").replace("\n", " ")
    return line.translate(_INVISIBLE).rstrip()


def masked(line: str) -> str:
    """Replace what looks like a secret."""
    line = _ADDRESS.sub(rf"\1{MASK}@", line)
    line = _SHAPES.sub(MASK, line)
    for named in (_HEADER, _BEARER, _NAMED, _CAMEL, _OPTION, _USER_OPTION):
        line = named.sub(rf"\1{MASK}", line)
    return _DENSE.sub(_mask_if_random, line)


def _mask_if_random(found: re.Match[str]) -> str:
    text = found[0]
    if _PUBLIC.search(found.string, 0, found.start()):
        return text
    return MASK if _looks_random(text.strip("=-_/")) else text


def _looks_random(text: str) -> bool:
    """Tell random text from words, paths and names: it changes its kind of character all the time.

    Hexadecimal is random from 32 digits on, which no word is; a checksum without a name before it
    cannot be told from a key.
    """
    if _HEX.fullmatch(text):
        return True
    kinds = [_kind(char) for char in text]
    changes = sum(one != other and "mark" not in (one, other) for one, other in pairwise(kinds))
    needed = 3 if len(text) < len("x" * 32) else 2
    return (
        len(text) >= len("x" * 20)
        and len(set(kinds) & {"upper", "lower", "digit"}) >= needed
        and changes / len(text) >= _MIN_CHANGES
        and _entropy(text) >= _MIN_ENTROPY
    )


def _kind(char: str) -> str:
    if char.isdigit():
        return "digit"
    if char.isupper():
        return "upper"
    return "lower" if char.isalpha() else "mark"


def _entropy(text: str) -> float:
    """Bits per character."""
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares)


def _cut(line: str) -> str:
    return line if len(line) <= MAX_LINE else f"{line[: MAX_LINE - 1]}…"
