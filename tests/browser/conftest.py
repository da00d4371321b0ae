"""A headless Chromium; without one these tests are skipped. `.ci/run` installs it where it may."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from apikeys_cli.formats import page
from fakes.audits import crowd, everything

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of this machine; root has no sandbox, and the pages are our own.

    Playwright holds this thread's event loop as long as it runs, so it must end before tests of other modules begin.
    """
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"there is no browser: install one of {', '.join(NAMES)}")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield running
        running.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The reports as files: of a finding of every kind with hostile names, and of three hundred keys."""
    folder = tmp_path_factory.mktemp("pages")
    reports = {"hostile": page.render(everything(), "https://api.example.com"), "crowd": page.render(crowd(), None)}
    for name, text in reports.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in reports}


@pytest.fixture
def opened(browser: Browser, pages: dict[str, Path]) -> Iterator[Open]:
    """Opens a report; at the end nothing may have been fetched, and nothing gone wrong in it."""
    wrong: list[str] = []
    fetched: list[str] = []
    context = browser.new_context(viewport={"width": 1440, "height": 1000})

    def opened(name: str, scheme: Literal["light", "dark"] = "light") -> Page:
        shown = context.new_page()
        shown.emulate_media(color_scheme=scheme)
        shown.on("console", lambda message: wrong.append(message.text))
        shown.on("pageerror", lambda error: wrong.append(str(error)))
        shown.on("dialog", lambda dialog: wrong.append(dialog.message))
        shown.on("request", lambda request: fetched.append(request.url))
        shown.goto(pages[name].as_uri())
        return shown

    yield opened
    context.close()
    assert wrong == []
    assert set(fetched) <= {file.as_uri() for file in pages.values()}
