"""Somebody at a browser: goes, reads, fills in, presses; and notes whatever a page does wrong."""

import re
from typing import Any, Self

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Request, expect

#: Widths in CSS pixels.
TELEPHONE = 390
DESKTOP = 1280

_AXE: str = Axe().axe_script
_LOCALES = {"zh": "zh-CN", "en": "en-GB"}
#: Loopback, but slow: two cores for the browser and the whole city.
_PATIENCE_MS = 15_000

_WCAG = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
#: What words alone can break: a name that is missing, a language that is another, a target that grows too small.
_WCAG_OF_WORDS = {
    "resultTypes": ["violations"],
    "runOnly": [
        "aria-command-name", "aria-input-field-name", "aria-toggle-field-name", "button-name", "document-title",
        "empty-heading", "empty-table-header", "html-has-lang", "html-lang-valid", "image-alt", "input-button-name", "label",
        "landmark-unique", "link-name", "select-name", "summary-name", "target-size", "valid-lang",
    ],
}  # fmt: skip

# What it found, and no more: all that it looked at takes longer to send than to find. Null where axe is not there yet.
_AXE_FINDS = "options => window.axe ? axe.run(options).then(found => found.violations) : null"

# What can be pressed and is smaller than it should be. A link inside a sentence may be as small as its line (WCAG
# 2.5.8); a hidden one is no target; a radio's or checkbox's target is as large as its label's.
_SMALL_TARGETS = """
least => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('.govuk-skip-link'))
  .filter(e => !(e.tagName === 'A' && e.parentElement.matches('p, li, div')
    && e.parentElement.textContent.trim() !== e.textContent.trim()
    && getComputedStyle(e).display === 'inline'))
  .map(e => ({what: e.outerHTML.slice(0, 120), box: e.getBoundingClientRect()}))
  .filter(({box}) => box.width < least || box.height < least)
  .map(({what, box}) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${what}`)
"""

# What a table hides of itself: a cell that cuts its content, or one that lies outside the region it scrolls in, where
# half a number looks like another number.
_CUT_CELLS = """
() => [...document.querySelectorAll('th, td, caption')]
  .filter(e => e.checkVisibility() && !e.matches('.govuk-visually-hidden'))
  .filter(e => (getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth)
    || e.getBoundingClientRect().right > (e.closest('.table-scroll') ?? document.body).getBoundingClientRect().right + 1
    || [...e.children].some(inner => inner.getBoundingClientRect().right > e.getBoundingClientRect().right + 1
      && !inner.matches('.govuk-visually-hidden')))
  .map(e => `cut off: ${e.outerHTML.slice(0, 120)}`)
"""

# What a summary of errors names and does not lead to.
_DEAD_LINKS = """
() => [...document.querySelectorAll('main .govuk-error-summary a[href^="#"]')]
  .filter(e => !document.getElementById(decodeURIComponent(e.hash.slice(1))))
  .map(e => `leads nowhere: ${e.outerHTML}`)
"""


class Visitor:
    """One window. `complaints`: console errors, requests to elsewhere, and what `check_page` found."""

    def __init__(self, page: Page, address: str, language: str) -> None:
        self.page = page
        self._language = language
        self.complaints: list[str] = []
        self._address = address
        self._answers: set[str] = set()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("request", self._watch)

    @classmethod
    async def arrive(
        cls, browser: Browser, address: str, *, language: str, width: int, javascript: bool
    ) -> Self:
        """A fresh window of somebody who reads that language."""
        context = await browser.new_context(
            base_url=address,
            locale=_LOCALES[language],
            viewport={"width": width, "height": 850},
            java_script_enabled=javascript,
        )
        context.set_default_timeout(_PATIENCE_MS)
        return cls(await context.new_page(), address, language)

    def _hear(self, message: ConsoleMessage) -> None:
        # The browser also logs a page of ours that is answered with 404 or 422, which is no mistake of the page.
        is_page = message.location["url"] in self._answers and "Failed to load resource" in message.text
        if message.type in ("error", "warning") and not is_page:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _watch(self, request: Request) -> None:
        if request.is_navigation_request():
            self._answers.add(request.url)
        if not request.url.startswith((self._address + "/", "data:")):
            self.complaints.append(f"{self.page.url} asks {request.url}")

    @property
    def main(self) -> Locator:
        """The page's own part, without header and footer."""
        return self.page.get_by_role("main")

    async def go(self, path: str) -> int:
        """Open an address; its status."""
        answer = await self.page.goto(path)
        assert answer is not None
        return answer.status

    async def press(self, name: str, *, within: Locator | None = None) -> None:
        """Press the button of that name and wait for what comes."""
        async with self.page.expect_navigation():
            await (within or self.main).get_by_role("button", name=name, exact=True).first.click()

    async def follow(self, name: str, *, within: Locator | None = None) -> None:
        """Follow the link of that name and wait for what comes."""
        async with self.page.expect_navigation():
            await (within or self.main).get_by_role("link", name=name, exact=True).first.click()

    async def fill(self, label: str, text: str) -> None:
        """Type into the field with that label."""
        await self.main.get_by_label(label, exact=True).fill(text)

    async def choose(self, label: str) -> None:
        """Tick or select what has that label."""
        await self.main.get_by_label(label, exact=True).check()

    async def unfold(self, name: str) -> None:
        """Open what is folded under that name."""
        await self.main.locator("summary", has_text=name).click()

    async def reads(self, *texts: str) -> None:
        """The page says all of this.

        Raises:
            AssertionError: it does not.
        """
        for text in texts:
            await expect(self.main).to_contain_text(text)

    async def title(self) -> str:
        """The first heading."""
        return (await self.page.get_by_role("heading", level=1).inner_text()).strip()

    async def sign_in(self, user: str, password: str) -> list[dict[str, object]]:
        """Sign in; the cookies that somebody else may go on with."""
        await self.go("/sign-in")
        await self.page.locator("#username").fill(user)
        await self.page.locator("#password").fill(password)
        async with self.page.expect_navigation():
            await self.main.get_by_role("button").click()
        return [dict(cookie) for cookie in await self.page.context.cookies()]

    async def check_page(self, *, least_target: int = 24, is_seen_here_alone: bool = False) -> None:
        """Complain of what fails WCAG 2.2 AA by axe, of sideways scrolling, cut cells, dead links, small targets.

        In English of what words can break, since the page is the same but for them; of all where it `is_seen_here_alone`,
        and in no Chinese window. `least_target`: in CSS pixels.
        """
        options = _WCAG if self._language == "zh" or is_seen_here_alone else _WCAG_OF_WORDS
        findings = [_said(each) for each in await self._violations(options)]
        findings += await self.page.evaluate(_SMALL_TARGETS, least_target)
        findings += await self.page.evaluate(_CUT_CELLS)
        findings += await self.page.evaluate(_DEAD_LINKS)
        width = await self.page.evaluate("document.documentElement.scrollWidth")
        if width > self.page.viewport_size["width"]:  # type: ignore[index]  # every window has a size
            findings.append(f"{width} pixels wide")
        self.complaints += [f"{self.page.url}: {finding}" for finding in findings]

    async def _violations(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        """Whoever looks at one page looks at more: axe comes with each from then on, which is quicker than to bring it."""
        found: list[dict[str, Any]] | None = await self.page.evaluate(_AXE_FINDS, options)
        if found is not None:
            return found
        await self.page.add_init_script(_AXE)
        await self.page.evaluate(_AXE)
        found = await self.page.evaluate(_AXE_FINDS, options)
        assert found is not None
        return found

    async def chinese(self) -> list[str]:
        """Chinese words on an English page, but for what is marked as Chinese: citizens and clerks wrote it."""
        text = await self.page.evaluate(
            """() => { const copy = document.querySelector('main').cloneNode(true);
                copy.querySelectorAll('[lang^=zh], textarea').forEach(e => e.remove());
                return copy.textContent; }"""
        )
        return re.findall(r"[\u4e00-\u9fff]+", text)


def _said(violation: dict[str, Any]) -> str:
    nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:5])
    return f"{violation['id']}: {violation['help']}: {nodes}"
