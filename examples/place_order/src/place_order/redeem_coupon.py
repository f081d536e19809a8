"""Look up the discount of a coupon."""

from __future__ import annotations

from .catalogue import COUPONS
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Discount, RedeemCouponInput


@contracts.redeem_coupon
def redeem_coupon(event: RedeemCouponInput, context: StepContext) -> Discount:
    """Look up the discount of a coupon; an unknown coupon has none."""
    return Discount(percent=COUPONS.get(event.coupon.strip().upper(), 0))
