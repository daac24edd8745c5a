"""The dispatch catalogue (派单目录) for people to read, and for the field that takes one of its items to offer."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby

from routing.web.views import OVERSEERS
from schemas.city import CatalogueItem, Category, City
from schemas.http import Call, Page, Route
from schemas.whose_item import is_territorial


async def show_items(_call: Call, *, city: City) -> Page:
    """Every item, by category: whose it is."""
    territorial = {item.code for item in city.items if is_territorial(city, item)}
    context = {"levels": _by_category(city), "territorial": territorial}
    return Page(template="routing/items.html", context=context)


def _by_category(city: City) -> Sequence[tuple[Category, Sequence[CatalogueItem]]]:
    order = {category.code: at for at, category in enumerate(city.categories)}
    items = sorted(city.items, key=lambda item: order[city.category_of(item).code])
    return [(category, list(each)) for category, each in groupby(items, city.category_of)]


def page_routes(*, city: City) -> tuple[Route, ...]:
    """The page, to stand before that of one case, which it looks like."""
    return (
        Route(method="GET", path="/review/items", answer=partial(show_items, city=city), who=OVERSEERS, page=True,
              database=False, summary="The items of the dispatch catalogue, and whose each is"),
    )  # fmt: skip
