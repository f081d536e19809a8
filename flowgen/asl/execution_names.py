"""Which names an execution can have. API reference, `StartExecution`, `name`."""

from __future__ import annotations

import re
from typing import Final

LONGEST_NAME: Final = 80
REFUSED: Final = re.compile(r"""[\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff\U0010ffff]""")
"""A character that is not allowed in a name."""
