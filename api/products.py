"""The products: who may pay in, see and be refunded. For everybody."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from accounts.products import PRODUCTS, Limit, Party, Product, ProductId
from api.guard import public

router = APIRouter(prefix="/products", tags=["products"], dependencies=[Depends(public)])


class ProductOut(BaseModel):
    """A way to pay for calls."""

    id: ProductId
    owner: Party
    funded_by: list[Party]
    seen_by: list[Party]
    refunded_to: list[Party]
    limit: Limit
    keeps_money: bool
    at_zero: str
    told: dict[Party, str]


@router.get("")
def list_products() -> list[ProductOut]:
    """The ways to pay for calls, and everybody's rights in each."""
    return [_out(product) for product in PRODUCTS.values()]


def _out(product: Product) -> ProductOut:
    given = {**vars(product), "told": dict(product.told)}
    given |= {name: sorted(given[name]) for name in ("funded_by", "seen_by", "refunded_to")}
    return ProductOut(**given)
