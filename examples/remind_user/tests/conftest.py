import pytest
from flowgen.testing import Flowgen, Workflow


@pytest.fixture
def remind_user(flowgen: Flowgen) -> Workflow:
    """The workflow as it ships, with this project's code; time is skipped."""
    return flowgen("workflows/remind_user.yaml")
