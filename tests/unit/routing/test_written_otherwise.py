"""A city's words match, in whatever script, width or capitals it wrote them and people write to it."""

import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from routing.core.classify import Classification, classify
from routing.core.decisions.reply_check import check_reply
from routing.core.decisions.rulings import special_line, suggested_words
from routing.core.rules import RoutingRules, load_rules
from schemas.city import read_city
from tests.unit.routing.decisions.test_rulings import CASE

_SHIPPED = Path(__file__).parents[3]
#: What the example city says, and how another one writes it.
_OTHERWISE = {
    "items.toml": [('"井盖", "窨井盖"', '"窨井蓋", "ＷｉＦｉ井蓋"')],
    "tags.toml": [('"早高峰"', '"早間高峰", "捷運高峰"')],
    "regions.toml": [
        ('"松涛路"', '"松濤路", "捷運路", "ｃｂｄ大道"'),
        ('"东湖区", "东湖"', '"東湖區", "東湖"'),
    ],
    "departments.toml": [('zh = "教育局"', 'zh = "敎育與體育局"')],
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RoutingRules:
    """Of the example city, written otherwise; of the routing rules one word, too."""
    folder = Path(shutil.copytree(_SHIPPED / "schemas" / "data", tmp_path_factory.mktemp("city") / "city"))
    for name, changes in _OTHERWISE.items():
        text = (folder / name).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / name).write_text(text, encoding="utf-8")
    own = tmp_path_factory.mktemp("routing")
    text = (_SHIPPED / "routing" / "data" / "departments.toml").read_text(encoding="utf-8")
    assert '"公租房"' in text
    (own / "departments.toml").write_text(
        text.replace('"公租房"', '"廉價租屋", "網路租屋"'), encoding="utf-8"
    )
    return load_rules(own, read_city(folder))


def _read(rules: RoutingRules, text: str) -> Classification:
    return classify(rules, "反映", text)


@pytest.mark.parametrize("text", ["路上的窨井盖坏了。", "路上的wifi井盖坏了。", "路上的WIFI井盖坏了。"])
def test_an_item_is_named(rules: RoutingRules, text: str) -> None:
    """By its words in Traditional characters, full width and other capitals."""
    assert "manhole" == _read(rules, text).item


@pytest.mark.parametrize("text", ["早间高峰堵车。", "捷运高峰堵车。", "地铁高峰堵车。"])
def test_a_tag_is_named(rules: RoutingRules, text: str) -> None:
    """As an item is; Taiwan's words by a message in either script (網路 is 网路 or 网络)."""
    assert "rush-hour" in _read(rules, text).tags


@pytest.mark.parametrize("street", ["松涛路", "捷运路", "地铁路", "cbd大道", "CBD大道"])
def test_a_street_says_its_district(rules: RoutingRules, street: str) -> None:
    """As do its names."""
    assert "xishan" == _read(rules, f"{street}的路灯不亮").region


def test_a_districts_name_is_read(rules: RoutingRules) -> None:
    """It is shown as the city wrote it."""
    assert "donghu" == _read(rules, "东湖区的路灯不亮").region


def test_a_department_is_known_by_its_name(rules: RoutingRules) -> None:
    """Who accuses it reports it, and the report does not go there."""
    assert "education" in _read(rules, "教育与体育局局长收受红包。").accused


@pytest.mark.parametrize("text", ["廉价租屋怎么办理", "网路租屋怎么办理", "网络租屋怎么办理"])
def test_a_word_of_the_routing_rules_counts(rules: RoutingRules, text: str) -> None:
    """Those of a city's own are read as its other words are."""
    assert "housing" == classify(rules, text, "").lead


@pytest.mark.parametrize("text", ["搭計程車被拒載，計程車司機繞路", "搭出租车被拒载，出租车司机绕路"])
def test_what_comes_later_is_read_as_a_message_is(text: str) -> None:
    """Matters that are split off, what a case's words name, answers: Taiwan's words, too."""
    rules = load_rules()
    case = replace(CASE, title=text, text=f"{text}。")

    line = special_line(rules, case)
    assert line is not None
    assert ("transport", True) == (line.department, "出租车" in line.words)
    assert "出租车" in suggested_words(rules, case)
    assert 0.0 < check_reply(rules, text, text, "出租车拒载已经查处。").relation
