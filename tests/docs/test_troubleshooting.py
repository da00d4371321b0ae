"""Messages that the documentation quotes are the provider's: each is found among the texts of its source."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PAGE = CHECKOUT / "docs" / "troubleshooting.md"
SOURCE = CHECKOUT / "provider" / "pulumi_resource_apikeys"
QUOTED = re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(), re.MULTILINE)
GAP = "…"


def text_of(node: ast.AST) -> str:
    """The text that an expression makes, with a gap for what is not known before it runs; empty if it makes none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) if isinstance(part, ast.Constant) else GAP for part in node.values)
    return ""


TEXTS = [
    text
    for module in SOURCE.rglob("*.py")
    for node in ast.walk(ast.parse(module.read_text()))
    if (text := text_of(node))
]


def is_said(message: str) -> bool:
    """Whether some text has the message, whose gaps may stand for anything; a property in front is its own text."""
    message = re.sub(r"^\w+: ", "", message)
    wanted = re.compile(".*".join(re.escape(part) for part in message.strip(GAP + " ").split(GAP)))
    return any(wanted.search(text) for text in TEXTS)


def test_messages_are_quoted() -> None:
    assert len(QUOTED) > 30


@pytest.mark.parametrize("message", QUOTED)
def test_a_quoted_message_is_one_that_the_provider_says(message: str) -> None:
    assert is_said(message)


def test_words_that_nobody_says_are_found_out() -> None:
    assert not is_said("no token to call … with the API")
