"""What a coupon is worth."""

from __future__ import annotations

from .catalogue import COUPONS
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Discount, RedeemCouponInput


@contracts.redeem_coupon
def redeem_coupon(event: RedeemCouponInput, context: StepContext) -> Discount:
    """What a coupon is worth: nothing, if nobody knows it."""
    return Discount(percent=COUPONS.get(event.coupon.strip().upper(), 0))
