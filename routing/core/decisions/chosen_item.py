"""Which item of the dispatch catalogue a dispatcher decides on, and whose it is where they name no department."""

from schemas.city import CatalogueItem, City
from schemas.errors import named_wrong
from schemas.ids import CategoryCode, DepartmentCode, ItemCode, RegionCode
from schemas.whose_item import departments_of, departments_of_category


def chosen(
    city: City,
    own: tuple[CategoryCode, ItemCode | None],
    category: str | None,
    item: str | None,
) -> tuple[CategoryCode, CatalogueItem | None]:
    """The category and the item that are meant. `own`: those of the case; `category`, `item`: as asked, by code or name.

    An item says its category. Who chooses another category need not clear the item that the machine found.

    Raises:
        BadInput: there is no such category or item, or the item is of another category.
    """
    if category is not None and category not in city.category:
        raise named_wrong("category", "没有这个类别。", "There is no such category.")
    named = city.item.get(own[1] or "") if item is None else _named(city, item.strip())
    if named is None:
        return CategoryCode(category or own[0]), None
    of, is_own = city.category_of(named), named.code == own[1]
    meant = CategoryCode(category or (own[0] if is_own else of.code))
    if of.code == meant:
        return meant, named
    if is_own:
        return meant, None
    raise named_wrong(
        "item",
        f"该事项属于“{of.zh}”类别：请改选类别或事项。",
        f"This item belongs to {of.en}: choose another category or item.",
    )


def usual_lead(
    city: City, region: RegionCode | None, category: CategoryCode, item: CatalogueItem | None
) -> DepartmentCode:
    """Whom the item leads to, or else the category: its district's government where it is territorial."""
    if item is not None:
        return departments_of(city, item, region)[0]
    return departments_of_category(city, city.category[category], region)[0]


def _named(city: City, asked: str) -> CatalogueItem | None:
    found = next((one for one in city.items if asked in (one.code, one.zh, one.en)), None)
    if asked and found is None:
        raise named_wrong("item", "派单目录里没有这个事项。", "The catalogue has no such item.")
    return found
