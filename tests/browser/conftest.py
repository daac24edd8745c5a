"""A real browser, Debian's Chromium without its windows, on the running city; nothing outside the city is ever asked."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from playwright.async_api import Browser, async_playwright

from deploy.local.setup.browser import CHROMIUM_NAMES
from tests.browser.deeds import Deeds
from tests.browser.visitor import TELEPHONE, Visitor
from tests.stack import Stack

#: Opens a window: `visit(language="en", width=390, javascript=False, large=True, user="dispatcher")`.
Visit = Callable[..., Awaitable[Visitor]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for the run."""
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on this machine; remedy: make browser, or install your system's chromium")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield chromium
        await chromium.close()


@pytest.fixture(scope="session")
def keys_to_desks() -> dict[str, list[dict[str, object]]]:
    """The cookies of who signed in already, by account: signing in is slow on purpose."""
    return {}


@pytest.fixture
async def visit(
    browser: Browser, city: Stack, keys_to_desks: dict[str, list[dict[str, object]]]
) -> AsyncIterator[Visit]:
    """Opens windows of people who share nothing; in the end none of them may have met an error."""
    opened: list[Visitor] = []

    async def open_window(
        *,
        language: str = "zh",
        width: int = TELEPHONE,
        javascript: bool = True,
        large: bool = False,
        user: str = "",
    ) -> Visitor:
        visitor = await Visitor.arrive(
            browser, city.url, language=language, width=width, javascript=javascript
        )
        opened.append(visitor)
        if user in keys_to_desks:
            await visitor.page.context.add_cookies(keys_to_desks[user])  # type: ignore[arg-type]  # as they came
        elif user:
            keys_to_desks[user] = await visitor.sign_in(user, city.password)
        if large:
            await visitor.go("/preferences?size=large")
        return visitor

    yield open_window
    complaints = [complaint for visitor in opened for complaint in visitor.complaints]
    for visitor in opened:
        await visitor.page.context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
async def deeds(city: Stack) -> AsyncIterator[Deeds]:
    """What others in the city do meanwhile, over its API."""
    async with aiohttp.ClientSession(city.url) as session:
        yield Deeds(city, session)
