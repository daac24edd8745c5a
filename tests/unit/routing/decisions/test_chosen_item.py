"""Which item of the catalogue a dispatcher means, and whose it is."""

import pytest
from msgspec.structs import replace

from routing.core.decisions.chosen_item import chosen, usual_lead
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.ids import CategoryCode, ItemCode, RegionCode

CITY = load_city()
BUILDING, LABOUR = CategoryCode("urban-construction"), CITY.category_of(CITY.item["unpaid-wages"]).code
#: Of a case about street lights, as the machine found it.
OWN = (BUILDING, ItemCode("street-light"))


@pytest.mark.parametrize(
    ("category", "item", "meant"),
    [
        (None, None, (BUILDING, "street-light")),
        (BUILDING, None, (BUILDING, "street-light")),
        # Who chooses another category need not clear what the machine found.
        (LABOUR, None, (LABOUR, None)),
        (LABOUR, "street-light", (LABOUR, None)),
        (None, "", (BUILDING, None)),
        (None, "  ", (BUILDING, None)),
        (LABOUR, "", (LABOUR, None)),
        # An item says its category, by code or by either name.
        (None, "unpaid-wages", (LABOUR, "unpaid-wages")),
        (None, f" {CITY.item['unpaid-wages'].zh} ", (LABOUR, "unpaid-wages")),
        (LABOUR, CITY.item["unpaid-wages"].en, (LABOUR, "unpaid-wages")),
        (None, "manhole", (BUILDING, "manhole")),
    ],
)
def test_what_is_meant(category: str | None, item: str | None, meant: tuple[str, str | None]) -> None:
    """Left out, everything is as it was; an empty item is none."""
    of, named = chosen(CITY, OWN, category, item)

    assert meant == (of, named and named.code)


def test_a_case_of_another_category_than_its_item_stays_where_a_dispatcher_put_it() -> None:
    """Nothing is asked: its category is kept, and the item that is none of it falls away."""
    assert (LABOUR, None) == chosen(CITY, (LABOUR, ItemCode("street-light")), None, None)


@pytest.mark.parametrize(
    ("category", "item", "field"),
    [
        ("nowhere", None, "category"),
        (None, "没有的事项", "item"),
        (BUILDING, "unpaid-wages", "item"),
    ],
)
def test_what_there_is_not_is_refused_at_its_field(
    category: str | None, item: str | None, field: str
) -> None:
    """An item of another category than the one that was chosen, too."""
    with pytest.raises(BadInput) as refused:
        chosen(CITY, OWN, category, item)

    assert [field] == [error.field for error in refused.value.errors]


def test_whose_it_is_where_nobody_names_a_department() -> None:
    """The item's lead before the category's; the district's government first where it is territorial and known."""
    region = RegionCode("donghu")
    home, item = CITY.region[region].department, replace(CITY.item["street-light"], territorial=True)
    elsewhere = replace(item, territorial=False)
    local, citywide = (replace(CITY.category[BUILDING], territorial=each) for each in (True, False))
    of_local, of_citywide = (
        replace(
            CITY, categories=tuple(category if each.code == BUILDING else each for each in CITY.categories)
        )
        for category in (local, citywide)
    )

    assert [home, item.lead, item.lead] == [
        usual_lead(CITY, region, BUILDING, item), usual_lead(CITY, None, BUILDING, item),
        usual_lead(CITY, region, BUILDING, elsewhere),
    ]  # fmt: skip
    assert [home, local.lead, citywide.lead] == [
        usual_lead(of_local, region, BUILDING, None), usual_lead(of_local, None, BUILDING, None),
        usual_lead(of_citywide, region, BUILDING, None),
    ]  # fmt: skip
