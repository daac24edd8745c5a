"""Which department answers for an item of the dispatch catalogue (派单目录), or for a category."""

from schemas.city import CatalogueItem, Category, City
from schemas.ids import DepartmentCode, RegionCode


def departments_of(city: City, item: CatalogueItem, region: RegionCode | None) -> tuple[DepartmentCode, ...]:
    """The lead first, then those that support it: of a territorial item the district's government, where it is known."""
    return _home_first(city, (item.lead, *item.supporting), region if is_territorial(city, item) else None)


def departments_of_category(
    city: City, category: Category, region: RegionCode | None
) -> tuple[DepartmentCode, ...]:
    """The same of a matter whose item nobody knows."""
    return _home_first(city, (category.lead,), region if category.territorial else None)


def _home_first(
    city: City, every: tuple[DepartmentCode, ...], region: RegionCode | None
) -> tuple[DepartmentCode, ...]:
    home = city.region.get(region or "")
    if home is None:
        return every
    return (home.department, *(code for code in every if code != home.department))


def is_territorial(city: City, item: CatalogueItem) -> bool:
    """Whether its district answers first: as it says itself, or as its category does."""
    if item.special or item.territorial is not None:
        return bool(item.territorial)
    return city.category_of(item).territorial
