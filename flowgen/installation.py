"""How flowgen was installed: its distribution name, its source, and how to repair a broken installation.

In: the metadata of the installed distribution, an ImportError. Out: text. Never: network access, installing anything.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from flowgen import __version__

DISTRIBUTION = "flowgen-aws"
"""The name on PyPI, where another project is called `flowgen`."""


# See docs/explanation/decisions-stack-and-runner.md#the-distribution-is-flowgen-aws
def source() -> str:
    """The part of a requirement after the name that installs this flowgen: `==0.1.0`, ` @ file:///home/ada/flowgen`.

    If pip or uv installed a folder, an archive or a repository, its URL is in `direct_url.json` (PEP 610). If flowgen
    is not installed, it runs from a checkout. Otherwise it comes from an index, and the result is its version; the same
    applies to a path that no longer exists.
    """
    url = _url()
    return f"=={__version__}" if url is None else f" @ {url}"


def _url() -> str | None:
    import json
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        recorded = distribution(DISTRIBUTION).read_text("direct_url.json")
    except PackageNotFoundError:
        root = Path(__file__).resolve().parents[1]
        return root.as_uri() if (root / "pyproject.toml").is_file() else None
    url = None if recorded is None else direct_url(json.loads(recorded))
    return None if url is None or (url.startswith("file:") and not path_of(url).exists()) else url


def direct_url(recorded: Any) -> str:
    """The URL to install from, given the content of a `direct_url.json`.

    https://packaging.python.org/en/latest/specifications/direct-url-data-structure/

    >>> direct_url({"url": "https://host/a.git", "vcs_info": {"vcs": "git", "commit_id": "4ea7f2b"}})
    'git+https://host/a.git@4ea7f2b'
    """
    url: str = recorded["url"]
    if vcs := recorded.get("vcs_info"):
        url = with_host(f"{vcs['vcs']}+{url}@{vcs['commit_id']}")
    return f"{url}#subdirectory={recorded['subdirectory']}" if recorded.get("subdirectory") else url


def with_host(url: str) -> str:
    """The URL of a local repository with a host, which some versions of pip require in `git+file:` URLs.

    >>> with_host("git+file:///srv/flowgen.git")
    'git+file://localhost/srv/flowgen.git'
    """
    return url.replace("+file:///", "+file://localhost/", 1)


def path_of(url: str) -> Path:
    """The path of a `file:` URL, without its host and fragment.

    >>> path_of("file:///srv/flow%20gen.zip#subdirectory=a").as_posix()
    '/srv/flow gen.zip'
    """
    from urllib.parse import unquote

    path = unquote("/" + url.partition("#")[0].removeprefix("file://").partition("/")[2])
    return Path(path.removeprefix("/") if os.name == "nt" else path)


def cannot_import(error: ImportError) -> str | None:
    """A one-line message for a failed import: what is wrong and what to type. None if flowgen's own code is the cause.

    A missing package, or one built for another Python or another machine, is not a bug in flowgen.
    """
    module = (error.name or "").partition(".")[0]
    if module == "flowgen":
        return None
    here = f"Python {sys.version.split()[0]} on {sys.platform}"
    reason = " ".join(str(error).split())
    if module in sys.stdlib_module_names:
        return f"{here} was built without `{module}`, which flowgen requires ({reason}): use another build of Python"
    package = f"`{module}`" if module else "a package"
    return (
        f"flowgen cannot import {package} with {here} ({reason}): reinstall flowgen with "
        f"`{sys.executable} -m pip install --force-reinstall '{DISTRIBUTION}{source()}'`"
    )
