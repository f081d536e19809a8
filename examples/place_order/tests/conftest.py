import pytest
from flowgen.testing import Flowgen, Workflow


@pytest.fixture
def place_order(flowgen: Flowgen) -> Workflow:
    """The workflow with this project's code, in virtual time."""
    return flowgen("workflows/place_order.yaml")
