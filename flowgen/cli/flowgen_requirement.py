"""`flowgen new --flowgen SPEC`: the version of flowgen that a new project requires."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

from flowgen.cli.session import usage_error
from flowgen.installation import DISTRIBUTION, path_of, with_host

_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://\S+")
_UNSAFE = re.compile(r"""[^!-~]|["'\\<>^`{|}]""")
"""Characters that must be percent-encoded in a URL (RFC 3986, section 2)."""
_VERSION_CONTROL = ("git+", "hg+", "svn+", "bzr+")
_ARCHIVES = (".whl", ".tar.gz", ".zip")


def source_from(spec: str, directory: Path) -> str:
    """The part of the project's requirement after the name: `==0.1.0`, ` @ file:///home/ada/flowgen`.

    `spec` is a version, a URL, or the path (relative to `directory`) of a checkout, a wheel or a source distribution.
    Ends the command if it is anything else.
    """
    from packaging.version import InvalidVersion, Version

    url = _URL.fullmatch(spec)
    if url and url["scheme"] == "file":
        return f" @ {_checked(path_of(spec), spec)}"
    if url:
        return f" @ {_remote(spec)}"
    try:
        return f"=={Version(spec.removeprefix('=='))}"
    except InvalidVersion:
        pass
    return f" @ {_checked(directory / os.path.expanduser(spec), spec)}"  # noqa: PTH111 - a path's raises for an unknown user


def _remote(url: str) -> str:
    if _UNSAFE.search(url):
        usage_error(f"--flowgen '{url}' has a character that is not allowed in a URL: percent-encode it, as in %20")
    if not url.startswith(_VERSION_CONTROL) and not url.partition("#")[0].endswith(_ARCHIVES):
        usage_error(f"--flowgen '{url}' is neither a repository nor an archive: for a repository, type git+{url}")
    return with_host(url)


def _checked(path: Path, spec: str) -> str:
    """The URL of a path, after checking that it contains flowgen."""
    if not spec or not os.path.exists(path):  # noqa: PTH110 - a path's raises for one that is too long
        usage_error(
            f"--flowgen '{spec}' is not a version, an existing path or a URL: type a version (0.1.0), the path of a "
            "checkout or a wheel (../flowgen), or a URL (git+https://host/flowgen.git@v0.1.0)"
        )
    found = path.resolve()
    if not (_is_checkout(found) if found.is_dir() else _is_archive(found)):
        usage_error(
            f"--flowgen '{spec}' is not flowgen: type the path of a checkout, whose pyproject.toml names the project "
            f"{DISTRIBUTION}, or of a file {DISTRIBUTION.replace('-', '_')}-*.whl"
        )
    return found.as_uri()


def _is_checkout(folder: Path) -> bool:
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8")).get("project")
    except (OSError, ValueError):  # no such file, not UTF-8, not TOML
        return False
    return isinstance(project, dict) and project.get("name") == DISTRIBUTION


def _is_archive(file: Path) -> bool:
    from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

    try:
        read = parse_wheel_filename if file.suffix == ".whl" else parse_sdist_filename
        return file.is_file() and read(file.name)[0] == DISTRIBUTION
    except (InvalidWheelFilename, InvalidSdistFilename):
        return False
