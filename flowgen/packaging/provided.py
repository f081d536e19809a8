"""What a function can import that nobody packages: Python's own library, and what Lambda's runtime brings."""

from __future__ import annotations

import sys

OF_THE_RUNTIME = frozenset({"awslambdaric", "boto3", "botocore", "snapshot_restore_py"})
"""Modules that Lambda's Python runtimes have (Lambda developer guide, "Building Lambda functions with Python")."""

_GONE = frozenset({"asynchat", "asyncore", "distutils", "imp", "smtpd"})
"""Modules that Python 3.11 still had and 3.12 has not (What's New In Python 3.12)."""


def brought_along(module: str) -> bool:
    """Whether a top-level module is there in any case. The library is that of the Python that flowgen runs on."""
    return module in sys.stdlib_module_names or module in OF_THE_RUNTIME or module in _GONE
