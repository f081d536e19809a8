# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 47de15bb973e049b
"""Lambda's entry point of `redeem_coupon`."""

from typing import Any

from ...redeem_coupon import redeem_coupon as code
from ..contracts import redeem_coupon as contract
from ..models import Discount, RedeemCouponInput
from ..runtime import EntryPoint

_entry_point = EntryPoint("redeem_coupon", contract(code), takes=RedeemCouponInput, gives=Discount)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
