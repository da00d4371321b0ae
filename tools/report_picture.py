"""Writes docs/report.png: the page of `apikeys report` for a made-up project, as a browser shows it.

PYTHONPATH=tests .venv/bin/python tools/report_picture.py [CHROMIUM]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from apikeys_cli.formats import page
from fakes.audits import crowd

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "report.png"
WIDTH, HEIGHT = 1440, 1180


def main() -> None:
    """Render the page, and take its pictures."""
    browser_file = sys.argv[1] if len(sys.argv) > 1 else shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder, "keys.html")
        file.write_text(page.render(crowd(), "https://api.example.com"), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=browser_file, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        shown.goto(file.as_uri())
        for kind in ("rotation-overdue", "retirement-overdue"):
            shown.get_by_role("button", name=kind).click()
        shown.get_by_role("button", name="Whose").click()
        shown.mouse.move(0, 0)
        shown.screenshot(path=PICTURE)
        print(f"wrote {PICTURE} ({PICTURE.stat().st_size // 1024} KiB)")
        browser.close()


if __name__ == "__main__":
    main()
