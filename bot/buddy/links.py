"""Decide which links of an answer may stand on a card.

A link is shown to people as a button, so it must lead to the Buddy that was configured, whatever a
body says. Pure.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_LINK = 2000
"""Characters. Slack's own limit for a button's link is 3,000; the rest is room for escaping."""

# No space, no control character, nothing that ends a link in mrkdwn, and no backslash, which
# browsers read as a slash and Python does not.
_PLAIN = re.compile(r"[!#-;=?-\[\]-{}~]+", re.ASCII)
_HOST = re.compile(r"[a-z0-9.:-]+", re.ASCII)


def places(base_url: str, app_url: str = "") -> frozenset[str]:
    """Name the hosts, with their ports, that a pasted link into this Buddy may have.

    Exactly these and nothing below them: ``app.eu.buddy.works`` is another Buddy than
    ``app.buddy.works``, with its own numbers.
    """
    known = {urlsplit(url).netloc.lower() for url in (base_url, app_url)} - {""}
    api = urlsplit(base_url).netloc.lower()
    if api.startswith("api."):
        home = api.removeprefix("api.")
        # Source: Buddy's API, «Overview», has the first for the EU; the second is its app's name.
        known |= {home, f"app.{home}"}
    return frozenset(known)


@dataclass(frozen=True, slots=True)
class Links:
    """The hosts a link may lead to."""

    hosts: frozenset[str]
    families: tuple[str, ...] = ()
    """Endings such as ``.buddy.works``: every host below them is Buddy's."""

    @classmethod
    def beside(cls, base_url: str, app_url: str = "") -> "Links":
        """Allow the web app of an API, and the app that was configured.

        The API of ``api.eu.buddy.works`` belongs to ``eu.buddy.works`` and what is below it; a
        self-hosted one stands under ``/api`` on the app's own host.
        """
        api = urlsplit(base_url).hostname or ""
        hosts = {api, urlsplit(app_url).hostname or ""} - {""}
        if not api.startswith("api."):
            return cls(frozenset(hosts))
        home = api.removeprefix("api.")
        return cls(frozenset(hosts | {home}), (f".{home}",))

    def keep(self, url: str) -> str:
        """Give the link back if it may be shown, else an empty text."""
        if len(url) > MAX_LINK or not _PLAIN.fullmatch(url):
            return ""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return ""
        is_plain = parts.scheme in {"http", "https"} and "@" not in parts.netloc
        return url if is_plain and self._knows(host) else ""

    def _knows(self, host: str) -> bool:
        if host in self.hosts:
            return True
        return bool(_HOST.fullmatch(host)) and host.endswith(self.families)
