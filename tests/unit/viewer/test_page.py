"""The page: one file, with its data and its policy."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowgen.viewer import report_page
from flowgen.viewer.page import ASSETS, MODULES, asset, bundled, json_in_html

NODE = shutil.which("node") or "node"
DATA = re.compile(r'<script type="application/json" id="document">(.*?)</script>', re.DOTALL)


@given(
    st.recursive(
        st.none() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_value_survives_in_html(value: Any) -> None:
    """It can't end the element or start another one, and JSON.parse reads the same value."""
    text = json_in_html(value)
    assert not re.search(r"[<>&\u2028\u2029\x7f-\U0010ffff]", text)
    assert json.loads(text) == value


def test_values_are_data(failed: dict[str, Any]) -> None:
    """The title and the sources contain markup; only the elements of the page itself are there."""
    failed["title"] = "</title><script>alert(1)</script>\x00\ud800"
    text = report_page(failed)
    text.encode()  # a file can contain it
    assert re.findall(r"<script[^>]*>", text) == [
        '<script type="application/json" id="document">',
        '<script type="module">',
    ]
    found = DATA.search(text)
    assert found is not None
    assert json.loads(found[1]) == failed


def test_policy_allows_only_the_parts_of_the_page(succeeded: dict[str, Any]) -> None:
    text = report_page(succeeded)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in html.unescape(policy[1]).split("; "))
    for name, element in (
        ("script-src", '<script type="module">(.*?)</script>'),
        ("style-src", "<style>(.*?)</style>"),
    ):
        content = re.search(element, text, re.DOTALL)
        assert content is not None
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert rules.pop(name) == f"'sha256-{digest}'"
    assert rules == {"default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}


def test_page_loads_nothing(succeeded: dict[str, Any]) -> None:
    """No address of another host is in the page's own parts."""
    own = DATA.sub("", report_page(succeeded))
    namespace = "http://www.w3.org"  # of SVG, which nobody loads
    assert set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", own)) <= {namespace}
    assert len(own) < 80_000


def test_page_lists_the_runs_for_browsers_without_scripts(failed: dict[str, Any]) -> None:
    failed["runs"][0]["cause"] = "<b>"
    found = re.search(r"<noscript>(.*?)</noscript>", report_page(failed), re.DOTALL)
    assert found is not None
    assert "JavaScript, which is disabled" in found[1]
    assert "<li>shop: FAILED: BadLine: &lt;b&gt;</li>" in found[1]


def test_modules_can_be_one_script() -> None:
    """Each follows what it imports, and their names do not collide."""
    seen: list[str] = []
    names: list[str] = []
    for module in MODULES:
        text = asset(module)
        assert set(re.findall(r'from "\./([\w.]+)"', text)) <= set(seen), module
        seen.append(module)
        names += re.findall(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", text, re.MULTILINE)
    assert sorted(names) == sorted(set(names))
    assert not re.search(r"^\s*(?:import|export)\b", bundled(), re.MULTILINE)
    assert "</script" not in bundled()
    assert "</style" not in asset("viewer.css")


@pytest.mark.needs("node")
def test_scripts_are_valid(tmp_path: Path) -> None:
    for file in ASSETS.glob("*.js"):
        copy = tmp_path / f"{file.stem}.mjs"
        copy.write_text(file.read_text("utf-8"))
        done = subprocess.run([NODE, "--check", str(copy)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_scripts_never_write_html() -> None:
    """Values reach the page as text nodes only."""
    for file in ASSETS.glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", file.read_text("utf-8")
        )
