import pytest
from flowgen.testing import Flowgen, Workflow


@pytest.fixture
def remind_user(flowgen: Flowgen) -> Workflow:
    """The workflow with this project's code, in virtual time."""
    return flowgen("workflows/remind_user.yaml")
