"""Builds the documentation as a site: `python .ci/docs_site.py [OUTPUT]`.

The pages in docs/ are written for GitHub and for tests, so the build works on a copy: in a fence, the words for the
tests become a title with the name of the file and the findings, and what YAML compiles to is folded. OUTPUT
(`build/site` by default) also gets each page as Markdown, and llms.txt and llms-full.txt for language models.
"""
# ruff: noqa: INP001 - a script, not a package

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / ".ci" / "zensical.toml"
EXPLAIN = Path("flowgen") / "diagnostics" / "explain"
CODES = PurePosixPath("reference/codes.md")
OUTSIDE = {"CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md"}
"""Pages that GitHub looks for in the root of a repository, and their places in the site."""

FOLDED = {"asl": "In Amazon States Language", "schema": "In JSON Schema"}
"""Blocks that a click opens, by their word in the fence."""

_FENCE = re.compile(r"(?P<marks>`{3,})(?P<info>.*)")
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:)(?P<path>[^)#\s]+\.md)(?=[)#])")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site: its place, its title and its text for the site. `section` is its heading in the menu."""

    path: str
    section: str
    title: str
    text: str

    @property
    def summary(self) -> str:
        """The first sentence below the title, without marks of Markdown."""
        paragraph = next(part for part in self.text.split("\n\n")[1:] if re.match(r"[\w`*\[]", part))
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(paragraph.split())).replace("**", "")
        return re.split(r"(?<=[.:])(?= [A-Z`]|$)", plain)[0].rstrip(":.") + "."


def _entries(menu: Any, section: str = "") -> Iterator[tuple[str, str]]:
    """The path and the section of each page of a menu, in its order."""
    for entry in menu:
        if isinstance(entry, str):
            yield entry, section
            continue
        for name, inside in entry.items():
            if isinstance(inside, str):
                yield inside, section
            else:
                yield from _entries(inside, name if not section else f"{section}: {name}")


def pages(root: Path = ROOT) -> list[Page]:
    """The pages of the menu, in its order, and a page for each code."""
    sources = {site: outside for outside, site in OUTSIDE.items()}
    found = []
    for path, section in _entries(tomllib.loads(SETTINGS.read_text("utf-8"))["project"]["nav"]):
        source = sources.get(path, f"docs/{path}")
        text = _linked((root / source).read_text("utf-8"), PurePosixPath(source), PurePosixPath(path))
        if path == str(CODES):
            text = re.sub(r"^\| `(FG\d+)` ", rf"| [`\1`]({CODES.stem}/\1.md) ", text, flags=re.MULTILINE)
        found.append(Page(path, section, text.partition("\n")[0].removeprefix("# "), "\n".join(_fenced(text)) + "\n"))
    return [*found, *map(_explanation, sorted((root / EXPLAIN).glob("FG*.md")))]


def _explanation(file: Path) -> Page:
    """What `flowgen explain` prints about a code. The table of codes and the search lead to it, not the menu."""
    _, front, body = file.read_text("utf-8").split("---\n", 2)
    name = next(line.removeprefix("name: ") for line in front.splitlines() if line.startswith("name: "))
    title = f"{file.stem}: {name}"
    text = f"# {title}\n{body}\n[All codes](../{CODES.name})\n"
    return Page(f"{CODES.with_suffix('')}/{file.name}", "Reference: Codes", title, "\n".join(_fenced(text)) + "\n")


def _linked(text: str, source: PurePosixPath, path: PurePosixPath) -> str:
    """The text with links between pages as they are in the site."""

    def moved(found: re.Match[str]) -> str:
        target = os.path.normpath(source.parent / found["path"]).replace(os.sep, "/")
        target = OUTSIDE.get(target, target.removeprefix("docs/"))
        return os.path.relpath(target, path.parent).replace(os.sep, "/")

    return _LINK.sub(moved, text)


def _fenced(text: str) -> Iterator[str]:
    """The lines of a page, its fences as the site shows them."""
    marks, indent = "", ""
    for line in text.splitlines():
        fence = _FENCE.fullmatch(line)
        if marks:
            yield indent + line if line else line
            if line == marks:
                marks, indent = "", ""
        elif fence is None:
            # GitHub needs a backslash before `|` in a table's code; Python-Markdown would show it.
            yield _CODE.sub(lambda found: found[0].replace(r"\|", "|"), line) if line.startswith("|") else line
        else:
            marks = fence["marks"]
            language, *words = shlex.split(fence["info"]) or [""]
            options = dict(word.partition("=")[::2] for word in words)
            file = options.get("writes") or options.get("shows") or options.get("patches")
            if fold := next((name for option, name in FOLDED.items() if option in options), None):
                yield from (f'??? abstract "{fold}"', "")
                indent = "    "
            titles = [file.removeprefix("../")] if file else []
            titles += [f"reports {options['finds'].replace(',', ', ')}"] if "finds" in options else []
            title = f' title="{": ".join(titles)}"' if titles else ""
            yield f"{indent}{marks}{language}{title}"


def llms(found: list[Page]) -> str:
    """The index of the pages for language models (https://llmstxt.org)."""
    settings = tomllib.loads(SETTINGS.read_text("utf-8"))["project"]
    lines = [f"# {settings['site_name']}", "", f"> {settings['site_description']}"]
    section = ""
    for page in found:
        if page.section != section:
            section = page.section
            lines += ["", f"## {section}", ""]
        elif not section and lines[-1].startswith(">"):
            lines += ["", "## Start", ""]
        lines.append(f"- [{page.title}]({page.path}): {page.summary}")
    return "\n".join([*lines, ""])


def llms_full(found: list[Page]) -> str:
    """All pages in one text, each with its path above it."""
    return "\n".join(f"<!-- {page.path} -->\n\n{page.text}" for page in found)


def build(output: Path, program: Path | str) -> str | None:
    """Builds the site into `output`, which is replaced. None, or what zensical printed about a failure."""
    found = pages()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for page in found:
            (folder / "docs" / page.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "docs" / page.path).write_text(page.text, "utf-8")
        shutil.copytree(ROOT / ".ci" / "docs", folder / "docs" / "assets" / "flowgen")
        shutil.copy(SETTINGS, folder / SETTINGS.name)
        done = subprocess.run(  # noqa: S603 - the program that the caller names
            [program, "build", "--strict", "--clean"],
            cwd=folder,
            env={**os.environ, "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            return re.sub(r"\x1b\[[\d;]*m", "", done.stdout)
        shutil.rmtree(output, ignore_errors=True)
        shutil.copytree(folder / "site", output)
        for page in found:
            shutil.copy(folder / "docs" / page.path, output / page.path)
    (output / "llms.txt").write_text(llms(found), "utf-8")
    (output / "llms-full.txt").write_text(llms_full(found), "utf-8")
    return None


if __name__ == "__main__":
    own = ROOT / ".tools" / "zensical" / "bin" / "zensical"
    target = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build" / "site"
    problem = build(target, own if own.exists() else shutil.which("zensical") or own)
    sys.stdout.write(problem or f"{target}: the site, llms.txt and llms-full.txt\n")
    sys.exit(problem is not None)
