"""The page of `apikeys report` in a real browser: sorted, searched, by keyboard, in light and in dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from apikeys_cli.findings import FindingKind
from fakes.audits import FORMULA, HOSTILE, crowd, everything

Open = Callable[..., Page]
CONTRAST = 4.5
"""What WCAG 2.2 asks of text (success criterion 1.4.3)."""

INJECTED = """() => {
  const script = document.createElement("script");
  script.textContent = "window.injected = true";
  document.body.append(script);
}"""
FAINT_TEXT = """(wanted) => {
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parsed = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = parsed(getComputedStyle(element).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest("script, style, svg") || !element.checkVisibility()) continue;
    const [a, b] = [parsed(getComputedStyle(element).color), behind(element)].map(luminance);
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < wanted) faint.push(`${element.className || element.tagName}: ${contrast.toFixed(2)}`);
  }
  return Array.from(new Set(faint));
}"""


def visible(page: Page, column: int = 0) -> list[str]:
    """The text of a column's visible cells, from the top."""
    return page.locator(f"tbody tr:not([hidden]) > :nth-child({column + 1})").all_inner_texts()


def made(page: Page) -> list[str]:
    return [text.split("\n")[0] for text in visible(page, 3)]


def test_it_shows_every_finding_and_every_key(opened: Open) -> None:
    page, audit = opened("hostile"), everything()
    for kind in {finding.kind for finding in audit.findings}:
        group = page.locator("details", has=page.locator(f"summary .badge:text-is('{kind.value}')"))
        group.locator("summary").click()
        found = [finding for finding in audit.findings if finding.kind is kind]
        assert group.locator("li").count() == len(found)
        expect(group.locator("li").first).to_be_visible()
    shown = visible(page)
    dead = 1
    assert len(shown) == len(audit.keys) + dead
    assert any(HOSTILE in text for text in shown)
    assert any(FORMULA in text for text in shown)
    assert "the-secret-name" not in page.content()


def test_names_of_others_are_text_and_no_script_but_the_pages_own_would_run(opened: Open) -> None:
    page = opened("hostile")
    assert page.locator("script").count() == 1
    assert page.locator("a[href^='http'], img, iframe, link, object, form").count() == 0
    policy = page.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content") or ""
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_a_script_that_got_in_would_not_run(browser: Browser, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["hostile"].as_uri())
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate(INJECTED)
    assert page.evaluate("window.injected") is None
    page.close()


def test_a_click_on_a_heading_sorts_and_another_one_turns_it_round(opened: Open) -> None:
    page = opened("crowd")
    button = page.get_by_role("button", name="Made")
    button.click()
    oldest_first = made(page)
    assert oldest_first == sorted(oldest_first)
    assert page.locator("th[data-column=made]").get_attribute("aria-sort") == "ascending"
    button.click()
    assert made(page) == sorted(oldest_first, reverse=True)
    page.get_by_role("button", name="Last used").click()
    assert visible(page, 4)[0] == "never"


def test_what_has_no_end_comes_last_either_way(opened: Open) -> None:
    page = opened("crowd")
    for _ in range(2):
        page.get_by_role("button", name="Ends").click()
        ends = [text.split("\n")[0] for text in visible(page, 5)]
        assert ends[0] != "never"
        assert ends[-1] == "never"


def test_a_search_shows_the_rows_with_all_its_words(opened: Open) -> None:
    page = opened("crowd")
    total = page.locator("tbody tr").count()
    page.get_by_label("Search").fill("PROD billing")
    whose = visible(page, 1)
    assert 0 < len(whose) < total
    assert all("prod" in text and "billing" in text for text in whose)
    expect(page.get_by_role("status")).to_have_text(f"{len(whose)} of {total} shown")
    page.get_by_label("Search").fill("no key is called that")
    expect(page.locator("#none")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    assert len(visible(page)) == total


def test_a_finding_picked_shows_its_rows(opened: Open) -> None:
    page = opened("crowd")
    kind = FindingKind.ROTATION_OVERDUE
    page.get_by_role("button", name=kind.value).click()
    keys = {finding.key_id for finding in crowd().findings if finding.kind is kind}
    assert len(visible(page)) == len(keys)
    assert page.locator("tbody tr:not([hidden]) .overdue").count() > 0


def test_it_can_be_used_without_a_mouse(opened: Open) -> None:
    page = opened("crowd")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the keys")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("metrics")
    assert all("metrics" in text for text in visible(page))
    page.get_by_role("button", name="Made").focus()
    page.keyboard.press("Enter")
    assert made(page) == sorted(made(page))
    page.locator("summary").first.focus()
    page.keyboard.press("Space")
    expect(page.locator("details").first).to_have_attribute("open", "")
    page.get_by_role("button", name="unmanaged").focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_in_light_and_in_dark(opened: Open, scheme: Literal["light", "dark"]) -> None:
    page = opened("hostile", scheme)
    page.get_by_role("button", name="unmanaged").click()
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate(FAINT_TEXT, CONTRAST) == []
    red, green, blue = map(int, re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor")))
    assert (red + green + blue > 600) is (scheme == "light")


def test_without_a_script_it_shows_all(pages: dict[str, Path], browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages["crowd"].as_uri())
    assert page.locator("tbody tr").count() == len(crowd().keys)
    expect(page.get_by_label("Search")).to_be_hidden()
    context.close()
