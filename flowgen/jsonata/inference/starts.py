"""Where a way (`ways`) starts: apart from the rest of what is known of them, which needs syntax trees."""

from __future__ import annotations


def starts_at(key: str, variable: str) -> bool:
    """Whether a way starts from a variable."""
    return key.startswith((f"${variable}.", f"${variable}[", f"${variable}≠"))
