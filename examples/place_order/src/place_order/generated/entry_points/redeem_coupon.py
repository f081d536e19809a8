# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: ba1242a9d937077f
"""Lambda's entry point for `redeem_coupon`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...redeem_coupon import redeem_coupon as code
from ..contracts import redeem_coupon as contract
from ..models import Discount, RedeemCouponInput

_entry_point = EntryPoint("redeem_coupon", contract(code), input_type=RedeemCouponInput, output_type=Discount)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
