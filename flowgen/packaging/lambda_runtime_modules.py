"""Modules that need no packaging: Python's standard library, and those of Lambda's runtime."""

from __future__ import annotations

import sys

OF_THE_RUNTIME = frozenset({"awslambdaric", "boto3", "botocore", "snapshot_restore_py"})
"""Modules in Lambda's Python runtimes (Lambda developer guide, "Building Lambda functions with Python")."""

_GONE = frozenset({"asynchat", "asyncore", "distutils", "imp", "smtpd"})
"""Modules that Python 3.12 removed (What's New In Python 3.12)."""


def always_available(module: str) -> bool:
    """Whether a top-level module needs no packaging. The standard library is that of the running Python."""
    return module in sys.stdlib_module_names or module in OF_THE_RUNTIME or module in _GONE
