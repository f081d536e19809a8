"""Calculate the price of the goods and the shipping."""

from __future__ import annotations

from .catalogue import ARTICLES, part_of, shipping_cost
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import PriceOrderInput, Quote


@contracts.price_order
def price_order(event: PriceOrderInput, context: StepContext) -> Quote:
    """Calculate the price of the goods and the shipping."""
    goods = weight = 0
    for line in event.lines:
        article = ARTICLES.get(line.sku)
        if article is None:
            raise contracts.UnknownArticle(line.sku)
        goods += line.quantity * article.price
        weight += line.quantity * article.weight
    discount = part_of(goods, event.percent)
    shipping = shipping_cost(goods - discount, weight, event.country, express=event.express)
    return Quote(goods=goods, discount=discount, shipping=shipping, total=goods - discount + shipping)
