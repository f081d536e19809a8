"""Shows executions in a browser: what happened in each state, and when.

In: programs and their executions. Out: a run document (JSON), a page that contains it, and the files of the viewer:
plain JavaScript, CSS and HTML in `assets`. Never: a request to another host; values as HTML; secrets of the program.
"""

from flowgen.viewer.document import Recorded, machine_document, run_document
from flowgen.viewer.page import PAGE_POLICY, page_files, report_page

__all__ = ["PAGE_POLICY", "Recorded", "machine_document", "page_files", "report_page", "run_document"]
