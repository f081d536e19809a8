import pytest
from flowgen.testing import Flowgen, Workflow


@pytest.fixture
def place_order(flowgen: Flowgen) -> Workflow:
    """The workflow as it ships, with this project's code; time is skipped."""
    return flowgen("workflows/place_order.yaml")
