"""Shows executions in a browser: what happened in each state, and when.

In: programs and their executions. Out: a run document (JSON), and a page that contains it and the viewer, plain
JavaScript, CSS and HTML in `assets`. Never: a request to another host; values as HTML; secrets of the program.
"""

from flowgen.viewer.document import Recorded, run_document
from flowgen.viewer.page import report_page

__all__ = ["Recorded", "report_page", "run_document"]
