"""The system's Chromium, and windows of it that miss nothing that goes wrong in them.

A window is driven by role and name only, as a person or a screen reader finds things. It waits for
state, never for time: the page writes the number of the last change that it shows into
``data-seq``.
"""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
"""No sandbox: CI runs as root. Nothing that Chromium would fetch for itself."""

PATIENCE = "Still on it"
"""How the bot begins to say that something takes longer than a person waits in silence."""

NEEDED = "GREENLIGHT_TEST_NEEDS_BROWSER"
"""Set where a missing Chromium shall fail the tests of the page, not skip them: in CI."""

in_chromium = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("chromium")]
"""For a module's ``pytestmark``: its tests share one Chromium, one process and one event loop."""

PATIENCE_MS = 20_000
"""How long a window is given to show something: a busy machine is no defect of the page."""

expect.set_options(timeout=PATIENCE_MS)

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}


def chromium_path() -> str | None:
    """Find the system's Chromium."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def is_needed() -> bool:
    """Whether a missing Chromium is a failure."""
    return bool(os.environ.get(NEEDED))


@asynccontextmanager
async def started(path: str) -> AsyncIterator[Browser]:
    """Start Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(slots=True)
class Window:
    """One window of one person."""

    page: Page
    wrong: list[str] = field(default_factory=list)
    """Errors and messages of the console, reports of the content policy, requests elsewhere."""

    def button(self, name: str, inside: Locator | None = None) -> Locator:
        """Find a button by its name."""
        return (inside or self.page).get_by_role("button", name=name, exact=True)

    @property
    def messages(self) -> Locator:
        """The messages of the channel."""
        return self.page.get_by_role("log", name="Messages").get_by_role("article")

    @property
    def card(self) -> Locator:
        """The message that stands last in the channel, but for the word that something takes long.

        That one comes by itself on a busy machine.
        """
        return self.messages.filter(has_not_text=PATIENCE).last

    @property
    def modal(self) -> Locator:
        """The modal on top."""
        return self.page.get_by_role("dialog")

    @property
    def thread(self) -> Locator:
        """The pane of a thread."""
        return self.page.get_by_role("region", name="Thread")

    @property
    def composer(self) -> Locator:
        """The field of the channel to write in."""
        return self.page.get_by_role("main").get_by_role("textbox", name="Message")

    async def says(self, text: str) -> None:
        """Write into the channel."""
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def confirms(self, answer: str) -> None:
        """Answer the question that a button asks."""
        await self.button(answer, self.page.get_by_role("alertdialog")).click()

    async def reaches(self, seq: int) -> None:
        """Wait until everything up to this change stands on the screen."""
        await self.page.locator("body").evaluate(
            """(body, seq) => new Promise((done) => {
                const isThere = () => Number(body.dataset.seq) >= seq;
                const look = () => (isThere() ? done() : setTimeout(look, 10));
                look();
            })""",
            seq,
        )


@asynccontextmanager
async def window(
    browser: Browser, url: str, *, dark: bool = False, phone: bool = False, **options: Any
) -> AsyncIterator[Window]:
    """Open a window of its own: nothing is shared with another one, as on two machines."""
    context = await browser.new_context(
        viewport=PHONE if phone else DESK,
        has_touch=phone,
        color_scheme="dark" if dark else "light",
        locale="en-US",
        timezone_id="UTC",
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield await _opened(context, url)
    finally:
        await context.close()


async def _opened(context: BrowserContext, url: str) -> Window:
    shown = Window(await context.new_page())
    page, wrong = shown.page, shown.wrong
    page.on("console", lambda message: wrong.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    origin = "/".join(url.split("/")[:3])
    page.on(
        "request", lambda asked: None if asked.url.startswith(origin) else wrong.append(asked.url)
    )
    await page.goto(url)
    await page.get_by_role("log", name="Messages").wait_for()
    return shown
