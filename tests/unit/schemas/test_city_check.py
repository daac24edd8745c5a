"""What is wrong with a city's folder is said with file, line, key and remedy, before anybody uses it."""

import shutil
from pathlib import Path

import pytest

from schemas.checked_city import CheckedCity, check_city
from schemas.city import load_city, read_city
from schemas.city_faults import WORDINGS
from schemas.city_files import CityFinding
from schemas.city_form import parts_of
from schemas.errors import Misconfigured
from schemas.simplified import as_matched
from schemas.words import Language

_SHIPPED = Path(__file__).parents[3] / "schemas" / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example city."""
    return Path(shutil.copytree(_SHIPPED, tmp_path / "city"))


def _change(folder: Path, file: str, old: str, new: str) -> CheckedCity:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return check_city(folder)


def _failed(checked: CheckedCity) -> list[CityFinding]:
    return [one for one in checked.findings if one.state == "fail"]


def test_the_example_city_may_be_used() -> None:
    """It is counted; the one street of two districts is pointed at."""
    checked = check_city(_SHIPPED)

    assert checked.is_usable
    assert (29, 8, 23, 17) == (checked.departments, checked.districts, checked.streets, checked.categories)
    assert (91, 295, 28) == (checked.subcategories, checked.items, checked.tags)
    assert ["白桦街" == one.facts["street"] for one in checked.findings if one.key == "streets"] == [True]


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        ("taxonomy.toml", 'lead = "housing"', "", "lead"),
        ("taxonomy.toml", 'lead = "housing"', 'lead = "nobody"', "lead"),
        ("taxonomy.toml", "territorial = true", 'territorial = "yes"', "territorial"),
        ("taxonomy.toml", "[[category]]", "[[categories]]", "categories"),
        ("departments.toml", 'code = "housing"', 'code = "Housing"', "code"),
        ("departments.toml", 'code = "transport"', 'code = "housing"', "code"),
        ("departments.toml", 'zh = "公安局"', 'zh = "教育局"', "zh"),
        ("departments.toml", 'zh = "公安局"', 'zh = "公\u200b安局"', "zh"),
        ("regions.toml", 'zh = "西山区"', 'zh = "西"', "zh"),
        ("departments.toml", 'zh = "公安局"', 'zh = "公安局"\nparrent = "housing"', "parrent"),
        ("departments.toml", 'zh = "公安局"', 'zh = "公安局"\nparent = "nobody"', "parent"),
        ("departments.toml", 'zh = "公安局"', 'zh = "公安局"\nregion = "nowhere"', "region"),
        ("departments.toml", 'zh = "公安局"', "zh = 7", "zh"),
        ("regions.toml", 'department = "district-donghu"', "", "department"),
        ("regions.toml", 'department = "district-donghu"', 'department = "nobody"', "department"),
        ("regions.toml", 'department = "district-donghu"', 'department = "district-xishan"', "department"),
        ("regions.toml", '"西山"]', '"东湖"]', "names"),
        ("regions.toml", '"松涛路"', '"路"', "streets"),
        ("regions.toml", 'streets = ["松涛路"', 'streets = "松涛路" # [', "streets"),
        ("subcategories.toml", 'category = "environment"', 'category = "nothing"', "category"),
        ("subcategories.toml", 'code = "noise"', 'code = "air"', "code"),
        ("items.toml", 'subcategory = "noise"', 'subcategory = "nothing"', "subcategory"),
        ("items.toml", 'code = "manhole"', 'code = "pavement"', "code"),
        ("items.toml", '["井盖"', '["井"', "words"),
        ("items.toml", '["井盖"', '["井盖 坏"', "words"),
        ("items.toml", '["井盖"', '["路灯不亮"', "words"),
        ("items.toml", '["井盖", "窨井盖"]', "[]", "words"),
        ("items.toml", 'lead = "urban-management"', 'lead = "nobody"', "lead"),
        ("items.toml", 'lead = "urban-management"', "", "lead"),
        ("items.toml", 'supporting = ["natural-resources"]', 'supporting = ["nobody"]', "supporting"),
        ("items.toml", "special = true", "special = true\nterritorial = true", "special"),
        ("items.toml", 'en = "Manhole covers"', 'en = "Street lights"', "en"),
        ("items.toml", 'en = "Manhole covers"', f'en = "{"Manhole covers " * 5}"', "en"),
        ("items.toml", 'en = "Manhole covers"', 'en = "Manhole covers "', "en"),
        ("items.toml", 'zh = "井盖"', r'zh = "井盖\n检查井"', "zh"),
        ("items.toml", 'kind = "praise"', 'kind = "rumour"', "kind"),
        ("tags.toml", 'group = "time"', 'group = "place"', "group"),
        ("tags.toml", 'group = "time"', "", "group"),
        ("tags.toml", 'kind = "consultation"', 'kind = "rumour"', "kind"),
        ("tags.toml", 'code = "holiday"', 'code = "night"', "code"),
        ("tags.toml", 'zh = "节假日"', 'zh = "夜间"', "zh"),
        ("tags.toml", '["早高峰"', '["夜间"', "words"),
        ("tags.toml", '["早高峰"', '["早"', "words"),
        ("tags.toml", '["早高峰"', '["早上 高峰"', "words"),
        ("tags.toml", '["早高峰"', '["早\\u200b"', "words"),
        ("tags.toml", '["早高峰"', '["夜間"', "words"),
        ("tags.toml", '["产假"', '["产\\u3000假条"', "provided"),
        ("tags.toml", '["产假"', '["夜间"', "provided"),
        ("tags.toml", '["产假"', '["产"', "provided"),
        ("departments.toml", 'zh = "公安局"', 'zh = "敎育局"', "zh"),
        ("regions.toml", '"西山"]', '"東湖"]', "names"),
        ("tags.toml", '["毕业生", "应届生", "刚毕业"]', "[]", "words"),
        ("tags.toml", '["早高峰"', '["早高峰"]\nlead = ["housing"', "lead"),
    ],
)
def test_each_fault_is_named_where_it_stands(folder: Path, file: str, old: str, new: str, key: str) -> None:
    """With the key, the line of its entry, and what to do about it; the city cannot be used."""
    checked = _change(folder, file, old, new)
    found = [one for one in _failed(checked) if (one.file, one.key) == (file, key)]

    assert found
    assert not checked.is_usable
    assert found[0].remedy(Language.EN)
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    assert found[0].line is None or lines[found[0].line - 1].startswith("[[")


@pytest.mark.parametrize(
    ("file", "old", "new", "left_out"),
    [
        ("tags.toml", '["早高峰"', '["KTV", "ktv", "早高峰"', "ktv"),
        ("items.toml", '["井盖"', '["井蓋", "井盖"', "井盖"),
        ("items.toml", '["井盖"', '["井盖", "井盖"', "井盖"),
        ("items.toml", '["井盖"', '["燈路 坏了", "坏了 灯路", "井盖"', "坏了 灯路"),
        ("tags.toml", '["早高峰"', '["WiFi", "ＷＩＦＩ", "早高峰"', "ＷＩＦＩ"),
    ],
)
def test_a_word_twice_in_one_entry_keeps_no_process_from_starting(
    folder: Path, file: str, old: str, new: str, left_out: str
) -> None:
    """It says the same twice: the second is left out, and pointed at."""
    checked = _change(folder, file, old, new)
    load_city.cache_clear()
    city = load_city(folder)

    (found,) = [one for one in checked.findings if one.file == file]
    assert ("warn", "word-same", left_out) == (found.state, found.code, found.facts["word"])
    assert checked.is_usable
    words = [*(one.words for one in city.items), *(one.every_word for one in city.tags)]
    assert 1 == sum(parts_of(as_matched(left_out)) == parts_of(word) for each in words for word in each)


@pytest.mark.parametrize(
    ("old", "new"), [('["产假"', '["产假", "產婦"'), ('["骑手驿站"', '["骑手驿站", "計程車司機"')]
)
def test_a_word_in_both_lists_of_a_tag_is_refused(folder: Path, old: str, new: str) -> None:
    """Nobody can tell whether the matter is that there is none; said of both, and by whoever starts with it."""
    checked = _change(folder, "tags.toml", old, new)

    (found,) = _failed(checked)
    assert ("provided", "word-same") == (found.key, found.code)
    with pytest.raises(ValueError, match="words twice"):
        read_city(folder)


def test_a_word_of_taiwans_adds_to_ours(folder: Path) -> None:
    """It is found where a Simplified message says it, too: nothing is said twice, and another's is another's."""
    checked = _change(folder, "tags.toml", '"出租车司机"', '"出租车司机", "計程車司機"')
    assert [] == [one for one in checked.findings if one.file == "tags.toml"]
    assert {"出租车司机", "计程车司机"} <= {*read_city(folder).tag["gig-workers"].words}

    (found,) = _failed(_change(folder, "tags.toml", '["骑手驿站"', '["计程车司机"'))
    assert ("provided", "計程車司機") == (found.key, found.facts["theirs"])


def test_nobody_is_their_own_superior(folder: Path) -> None:
    """Neither at once nor through others; whoever is merely below the circle is not blamed."""
    for code, above in (
        ("housing", "market"),
        ("market", "health"),
        ("health", "market"),
        ("transport", "transport"),
    ):
        checked = _change(
            folder, "departments.toml", f'code = "{code}"', f'code = "{code}"\nparent = "{above}"'
        )
    said = {one.facts["entry"] for one in _failed(checked) if one.key == "parent"}

    assert {"market", "health", "transport"} == said


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("regions.toml", None),
        ("regions.toml", b"[[region]\n"),
        ("taxonomy.toml", b"\xff\xfe"),
        ("departments.toml", b""),
    ],
)
def test_a_file_that_cannot_be_read_is_named(folder: Path, name: str, content: bytes | None) -> None:
    """Missing, no TOML, no UTF-8, or with nothing in it; what the others hold is looked at all the same."""
    path = folder / name
    path.unlink() if content is None else path.write_bytes(content)
    assert name in {one.file for one in _failed(check_city(folder))}


def test_a_city_goes_without_items(folder: Path) -> None:
    """As those did that were written before there were any."""
    (folder / "items.toml").unlink()
    (folder / "subcategories.toml").unlink()
    checked = check_city(folder)

    assert checked.is_usable
    assert (0, 0) == (checked.subcategories, checked.items)
    assert load_city(folder).items == ()


def test_a_city_goes_without_tags(folder: Path) -> None:
    """As those did that were written before there were any."""
    (folder / "tags.toml").unlink()
    checked = check_city(folder)

    assert (True, 0, ()) == (checked.is_usable, checked.tags, load_city(folder).tags)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('["早高峰"', '["夜间"'),
        ('["早高峰"', '["早"'),
        ('"holiday"', '"night"'),
        ('["早高峰"', '["早上 高峰"'),
        ('["早高峰"', '["夜間"'),
        ('["产假"', '["夜间"'),
    ],
)
def test_tags_that_the_check_refuses_no_process_loads(folder: Path, old: str, new: str) -> None:
    """With the file that is to be mended."""
    path = folder / "tags.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    load_city.cache_clear()

    with pytest.raises(Misconfigured, match="tags"):
        load_city(folder)


@pytest.mark.parametrize(
    ("file", "content"),
    [("tags.toml", "tag = 3"), ("regions.toml", "region = 1"), ("items.toml", "item = true")],
)
def test_what_is_no_table_is_told_and_no_traceback(folder: Path, file: str, content: str) -> None:
    """One value where entries should stand, by the check and by every process."""
    (folder / file).write_text(content, encoding="utf-8")
    load_city.cache_clear()

    assert ["no-table"] == [one.code for one in _failed(check_city(folder)) if one.file == file]
    with pytest.raises(Misconfigured, match=file):
        load_city(folder)


def test_what_the_check_refuses_no_process_loads(folder: Path) -> None:
    """Whoever did not ask for the check is told all the same, with what is wrong."""
    path = folder / "items.toml"
    whole = path.read_text(encoding="utf-8")
    for old, new, said in (
        ('lead = "urban-management"', 'lead = "nobody"', "nobody"),
        ('subcategory = "noise"', 'subcategory = "nothing"', "nothing"),
        ('["井盖"', '["井"', "manhole"),
        ('["井盖"', '["路灯不亮"', "路灯不亮"),
        ('code = "manhole"', 'code = "pavement"', "pavement"),
        ("special = true", "special = true\nterritorial = true", "water-cut"),
    ):
        path.write_text(whole.replace(old, new, 1), encoding="utf-8")
        load_city.cache_clear()
        with pytest.raises(Misconfigured, match=said):
            load_city(folder)


def test_whoever_is_refused_reads_what_the_check_says(folder: Path) -> None:
    """In their own language: the place of the first fault, its remedy, and how many there are."""
    (folder / "items.toml").write_text("x = [", encoding="utf-8")
    path = folder / "departments.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('zh = "公安局"', "zh = 7"), encoding="utf-8")
    load_city.cache_clear()
    with pytest.raises(Misconfigured) as refused:
        load_city(folder)

    zh, en = (refused.value.message(each) for each in Language)
    assert zh.startswith("CITY_DIRECTORY 不可用：")
    assert f"（共 2 处须修改：huiyin city check {folder}）" in zh
    assert f" (2 to mend in all: huiyin city check {folder})" in en
    [first, _] = _failed(check_city(folder))
    for said, language in ((zh, Language.ZH), (en, Language.EN)):
        assert first.found(language) in said
        assert first.remedy(language) in said


def test_a_line_of_broken_toml_is_told(folder: Path) -> None:
    """Of the file itself, for an editor to go to."""
    (folder / "regions.toml").write_text('[[region]]\ncode = "a"\nzh = \n', encoding="utf-8")
    [found] = [one for one in _failed(check_city(folder)) if one.file == "regions.toml"]

    assert 3 == found.line


def test_a_unit_to_which_nothing_leads_is_pointed_at(folder: Path) -> None:
    """It can be used, and somebody should look; words of the routing rules lead there, too."""
    path = folder / "departments.toml"
    more = '\n[[department]]\ncode = "idle"\nzh = "闲置局"\nen = "Idle Bureau"\n'
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    idle = [one for one in check_city(folder).findings if one.facts.get("entry") == "idle"]

    assert [("warn", "code")] == [(one.state, one.key) for one in idle]
    assert not [one for one in check_city(folder, {"idle"}).findings if one.facts.get("entry") == "idle"]


def test_a_street_that_is_a_districts_name_is_pointed_at(folder: Path) -> None:
    """The name is read first, so that the street would never count."""
    checked = _change(folder, "regions.toml", '"松涛路"', '"中和街道"')

    assert ["street-is-district"] == [
        one.code for one in checked.findings if "中和街道" in one.facts.values()
    ]
    assert checked.is_usable


#: One change of the example city that makes each fault, by its code.
_MADE = {
    "table-unread": ("taxonomy.toml", "[[category]]", "[[categories]]"),
    "no-toml": ("regions.toml", "[[region]]", "[[region]"),
    "key-unread": ("departments.toml", 'zh = "公安局"', 'zh = "公安局"\nparrent = "housing"'),
    "key-missing": ("taxonomy.toml", 'lead = "housing"', ""),
    "no-words": ("regions.toml", '"松涛路"', '"路"'),
    "no-flag": ("taxonomy.toml", "territorial = true", 'territorial = "yes"'),
    "no-text": ("departments.toml", 'zh = "公安局"', "zh = 7"),
    "code-malformed": ("departments.toml", 'code = "housing"', 'code = "Housing"'),
    "code-twice": ("departments.toml", 'code = "transport"', 'code = "housing"'),
    "name-twice": ("departments.toml", 'zh = "公安局"', 'zh = "教育局"'),
    "no-region": ("departments.toml", 'zh = "公安局"', 'zh = "公安局"\nregion = "nowhere"'),
    "no-department": ("taxonomy.toml", 'lead = "housing"', 'lead = "nobody"'),
    "no-category": ("subcategories.toml", 'category = "environment"', 'category = "nothing"'),
    "no-subcategory": ("items.toml", 'subcategory = "noise"', 'subcategory = "nothing"'),
    "no-kind": ("items.toml", 'kind = "praise"', 'kind = "rumour"'),
    "of-another-district": ("regions.toml", 'department = "district-donghu"', 'department = "district-xishan"'),
    "own-superior": ("departments.toml", 'code = "transport"', 'code = "transport"\nparent = "transport"'),
    "street-twice": ("regions.toml", "", ""),
    "street-is-district": ("regions.toml", '"松涛路"', '"中和街道"'),
    "no-group": ("tags.toml", 'group = "time"', 'group = "place"'),
    "words-missing": ("items.toml", '["井盖", "窨井盖"]', "[]"),
    "word-short": ("items.toml", '["井盖"', '["井盖 坏"'),
    "word-spaces": ("tags.toml", '["早高峰"', '["早上 高峰"'),
    "word-same": ("tags.toml", '["早高峰"', '["夜間"'),
    "word-twice": ("items.toml", '["井盖"', '["路灯不亮"'),
    "special-and-territorial": ("items.toml", "special = true", "special = true\nterritorial = true"),
    "name-long": ("items.toml", 'en = "Manhole covers"', f'en = "{"Manhole covers " * 5}"'),
    "name-spaces": ("items.toml", 'en = "Manhole covers"', 'en = "Manhole covers "'),
    "supports-itself": (
        "items.toml", 'supporting = ["natural-resources"]', 'supporting = ["housing"]',
    ),
    "idle": ("departments.toml", "", '[[department]]\ncode = "idle"\nzh = "闲置局"\nen = "Idle Bureau"\n'),
}  # fmt: skip


#: Those of a file as a whole.
_OF_FILES = {"absent", "unreadable", "no-table"}


def test_a_name_that_turns_what_is_read_around_is_a_fault(folder: Path) -> None:
    """A sign of direction, or one without width: nobody sees it, and nobody types it."""
    for sign in ("\\u202e", "\\u200b"):
        checked = _change(folder, "items.toml", 'en = "Manhole covers"', f'en = "Manhole{sign} covers"')
        assert ["name-spaces"] == [one.code for one in _failed(checked)]
        _change(folder, "items.toml", f'en = "Manhole{sign} covers"', 'en = "Manhole covers"')


@pytest.mark.parametrize("code", sorted(_MADE))
def test_each_kind_of_fault_is_said_in_both_languages(folder: Path, code: str) -> None:
    """Sentence and remedy, with what they tell of filled in."""
    found = next(one for one in _change(folder, *_MADE[code]).findings if one.code == code)

    _ensure_in_both_languages(found)


def test_a_file_without_entries_is_said_in_both_languages(folder: Path) -> None:
    """Absent, empty, or a folder."""
    (folder / "regions.toml").unlink()
    (folder / "departments.toml").write_text("", encoding="utf-8")
    (folder / "items.toml").unlink()
    (folder / "items.toml").mkdir()
    found = {one.code: one for one in check_city(folder).findings if one.code in _OF_FILES}

    assert _OF_FILES == set(found)
    for one in found.values():
        _ensure_in_both_languages(one)


def test_no_kind_of_fault_is_left_out_here() -> None:
    """`word-once` the command alone finds. Of the last two every word is another's: why something would not start."""
    assert set(WORDINGS) == {*_MADE, *_OF_FILES, "word-once", "unloadable", "rules"}


def _ensure_in_both_languages(found: CityFinding) -> None:
    for said in (found.found, found.remedy):
        zh, en = said(Language.ZH), said(Language.EN)
        for fact in sorted(map(str, found.facts.values()), key=len, reverse=True):
            zh, en = (each.replace(fact, "") for each in (zh, en)) if fact else (zh, en)
        assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)
        assert en.isascii()
        assert not set("{}") & set(zh + en)
