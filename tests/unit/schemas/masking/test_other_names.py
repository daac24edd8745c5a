"""Names of Uyghur, Tibetan and Mongolian make, and what is called like one."""

import pytest

from schemas.masking import for_department, for_public

_NAMES = (
    ("古丽娜尔在菜场被人骂了", "古**在菜场"),
    ("工友艾力三个月没拿到工资", "工友艾**三个月"),
    ("阿不都热合曼和玉素甫被房东赶出来", "阿**和玉**被房东"),
    ("我丈夫巴图在矿上受伤", "丈夫巴**在矿上"),
    ("才让卓玛的身份证丢了", "才**的身份证"),
    ("扎西次仁打了我弟弟", "扎**打了"),
)
_NONE = (
    "格桑花园的灯坏了，扎西德勒",
    "古丽餐厅排烟，巴图路积水",
    "中央金融机构，凶多吉少，每次仁爱医院都这样",
    "牡丹增加了，一旦增值，品德吉祥",
    "阿依莲专卖店、卓玛泉水厂、多吉街的公厕、央金藏餐",
)


@pytest.mark.parametrize(("text", "shown"), _NAMES)
def test_names_of_other_make_are_hidden(text: str, shown: str) -> None:
    """In both views, and once hidden they stay so."""
    masked = for_department(text)

    assert shown in masked
    assert shown in for_public(text)
    assert for_department(masked) == masked


@pytest.mark.parametrize("text", _NONE)
def test_what_is_called_like_somebody_stays(text: str) -> None:
    """Roads, shops, parks, firms, and other words."""
    assert for_department(text) == text
