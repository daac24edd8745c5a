"""`huiyin deadline`, `calendar import` (reading), `rules check`."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typer
from typer.testing import CliRunner

from deploy.commands import calendar, deadline
from deploy.commands.days_file import read_days
from schemas.errors import Unusable
from schemas.words import Language
from sla.core.calendar import DayOverride
from tests.unit.sla.notices import as_csv, notice

app = typer.Typer()
deadline.register(app)
calendar.register(app)


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is imported here."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("RULES_FILE", raising=False)


def _run(*words: str) -> Any:
    return CliRunner().invoke(app, words)


def _answer(*words: str) -> dict[str, Any]:
    result = _run("deadline", *words, "--json")
    assert 0 == result.exit_code, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_an_allowance() -> None:
    """The promised fields, in the city's time; a time without offset is the city's."""
    answer = _answer("--from", "2026-02-13T10:00", "--allow", "7 working days")

    assert "2026-03-02T17:30:00+08:00" == answer["due_at"]
    assert answer["provisional"] is False
    assert {"at", "what"} == set(answer["steps"][0])
    assert answer["due_at"] == answer["steps"][-1]["at"]


def test_a_rule_with_pauses() -> None:
    """A rule's reply clock; each `--pause A..B` gives its time back."""
    answer = _answer(
        "--from",
        "2026-11-23T02:00:00Z",
        "--rule",
        "emergency",
        "--pause",
        "2026-11-23T02:30:00Z..2026-11-23T03:00:00Z",
        "--pause",
        "2026-11-23T03:10:00Z..2026-11-23T03:20:00Z",
    )

    assert "2026-11-23T12:40:00+08:00" == answer["due_at"]


def test_another_calendar() -> None:
    """A duty desk works around the clock."""
    answer = _answer(
        "--from", "2026-11-21T10:00", "--allow", "3 working hours", "--calendar", "around-the-clock"
    )

    assert "2026-11-21T13:00:00+08:00" == answer["due_at"]


def test_a_file_is_answered_in_order(tmp_path: Path) -> None:
    """One answer a line; a line that does not read gets its reason, and the exit status says so."""
    file = tmp_path / "questions.jsonl"
    file.write_text(
        '{"from": "2026-11-23T10:00", "allow": "1 working day"}\n'
        '{"from": "never", "allow": "1 working day"}\n'
        '{"from": "9999-12-31T20:00", "allow": "1 day"}\n{"from": "9999-12-31T20:00-09:00", "allow": "1 hour"}\n'
        '{"from": "2026-12-30T10:00", "rule": "general", '
        '"pauses": [["2026-12-30T12:00", "2026-12-30T13:00"]]}\n'
    )
    result = _run("deadline", "--file", str(file))
    answers = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]

    assert 1 == result.exit_code
    assert "2026-11-24T17:30:00+08:00" == answers[0]["due_at"]
    assert "never" in answers[1]["error"]
    assert 5 == len(answers), "every line has its answer"
    assert all(answer["error"] for answer in answers[1:4])
    assert answers[4]["provisional"] is True


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--from", "2026-11-23T10:00"),
        ("--from", "2026-11-23T10:00", "--allow", "1 day", "--rule", "general"),
        ("--from", "2026-11-23T10:00", "--rule", "nothing"),
        ("--from", "2026-11-23T10:00", "--allow", "1 day", "--calendar", "mars"),
        ("--from", "2026-11-23T10:00", "--allow", "1 day", "--pause", "2026-11-23T11:00"),
        ("--from", "1999-11-23T10:00", "--allow", "1 working day"),
        ("--from", "2026-11-23T10:00", "--allow", "1 day", "--department", "nobody"),
        ("--from", "2026-11-23T10:00", "--allow", "1 day", "--department", "tax", "--calendar", "china"),
    ],
)
def test_what_cannot_be_answered_is_refused(words: tuple[str, ...]) -> None:
    """A reason on stderr, nothing on stdout, exit status 1."""
    result = _run("deadline", *words)

    assert 1 == result.exit_code
    assert "" == result.stdout
    assert result.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("days.csv", "date,is_workday,name\n2027-01-01,false,元旦\n2027-01-02,true,补班\n"),
        (
            "days.json",
            '[{"date":"2027-01-01","is_workday":false,"name":"元旦"},'
            '{"date":"2027-01-02","is_workday":true,"name":"补班"}]',
        ),
    ],
)
def test_days_are_read(tmp_path: Path, name: str, text: str) -> None:
    """A year's days as csv or json."""
    file = tmp_path / name
    file.write_text(text)

    assert [
        DayOverride(day=date(2027, 1, 1), is_workday=False, name="元旦"),
        DayOverride(day=date(2027, 1, 2), is_workday=True, name="补班"),
    ] == list(read_days(file, announces_year=True))


@pytest.mark.parametrize(
    "text", ["date,is_workday,name\n", "date,is_workday\n2027-13-01,true\n", "a,b\n1,2\n"]
)
def test_days_that_do_not_read_are_refused(tmp_path: Path, text: str) -> None:
    """Half a year is worse than none: nothing of a wrong file is imported."""
    file = tmp_path / "days.csv"
    file.write_text(text)

    with pytest.raises(ValueError, match=r"day 1|no days"):
        list(read_days(file, announces_year=True))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("days.json", "5", "list of days"),
        ("days.json", "[" * 100_000, "recursion"),
        ("days.json", '[{"date": "2027-01-01", "is_workday": false}, null]', "day 2"),
        (
            "days.csv",
            "date,is_workday\n2027-01-01,false\n2027-01-01,true\n",
            "day 2: 2027-01-01 stands twice",
        ),
        ("days.csv", "date,is_workday\n9999-01-01,false\n", "day 1: 9999-01-01 lies outside"),
        ("days.csv", "date,is_workday\n2027-01-01,perhaps\n", "day 1"),
    ],
)
def test_what_is_no_list_of_days_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    """In a sentence, before anything is kept."""
    (tmp_path / name).write_text(text)

    with pytest.raises(ValueError, match=said):
        read_days(tmp_path / name, announces_year=True)


def test_days_are_read_as_spreadsheet_programs_write_them(tmp_path: Path) -> None:
    """Slashes, words, GB 18030, a cell too many and one too few."""
    file = tmp_path / "days.csv"
    file.write_bytes("date,is_workday,name\n2027/1/1,否,元旦放假,x\n2027年1月2日,TRUE\n".encode("gb18030"))

    assert [
        DayOverride(day=date(2027, 1, 1), is_workday=False, name="元旦放假", announces_year=True),
        DayOverride(day=date(2027, 1, 2), is_workday=True, announces_year=True),
    ] == read_days(file, announces_year=True)


@pytest.mark.parametrize("blank", [" ", "\t", "\u3000"])
def test_blanks_around_a_cell_say_nothing(tmp_path: Path, blank: str) -> None:
    """As whoever types them, or a program that fills columns up, leaves them there."""
    file = tmp_path / "days.csv"
    file.write_text(f"date,is_workday\n2027-01-01,FALSE{blank}\n{blank}2027-01-02{blank},{blank}true\n")

    assert [False, True] == [day.is_workday for day in read_days(file, announces_year=True)]


def test_a_file_whose_encoding_cannot_be_told_is_to_be_saved_anew(tmp_path: Path) -> None:
    """With what to do; none is named that would have been read."""
    file = tmp_path / "days.csv"
    file.write_bytes(
        "date,is_workday,name\n2027-01-01,false,元旦放假\n".encode() + b"2027-01-02,true,\xb2\xb9\xff\n"
    )

    with pytest.raises(ValueError, match=r"^its encoding cannot be told; save it as UTF-8$"):
        read_days(file, announces_year=True)


@pytest.mark.parametrize(
    "text",
    [
        "日期,是否工作日,名称\n2027-01-01,休,元旦\n2027/1/2 0:00,班,补班\n",
        "2027 年节假日安排\nDate;Is_Workday;Name\n２０２７-01-01;N;元旦\n\n20270102;Y;补班\n",
        "*日期,是否工作日（是/否）,名稱\n2027年1月1号,法定节假日,元旦\n2027-01-02 星期六,補班,补班\n",
        "date,is_workday,name\n2027-01-01 0:00:00.000,0.0,元旦\n\u200e2027-01-02,T,补班\n",
        "sep=\t\ndate\tis_workday\tname\n2027-01-01\tfalse\t元旦\n2027-01-02\ttrue\t补班\n",
        '{"date":"2027-01-01","is_workday":"否","name":"元旦"}\n{"date":"2027-01-02","is_workday":1,"name":"补班"}\n',
    ],
)
def test_days_are_read_however_they_are_separated_and_named(tmp_path: Path, text: str) -> None:
    """Titles above, Chinese names, other delimiters, clocks at midnight, lines of JSON."""
    file = tmp_path / ("days.jsonl" if text.startswith("{") else "days.csv")
    file.write_text(text)

    assert [
        DayOverride(day=date(2027, 1, 1), is_workday=False, name="元旦", announces_year=True),
        DayOverride(day=date(2027, 1, 2), is_workday=True, name="补班", announces_year=True),
    ] == read_days(file, announces_year=True)


@pytest.mark.parametrize(
    ("name", "text", "is_workday", "said"),
    [
        ("days.csv", "date,is_workday,工作日,name\n2027-01-01,true,false,x\n", True, "x"),
        ("days.csv", "日期,是否工作日,名称,备注\n2027-01-01,否,元旦,\n", False, "元旦"),
        ("days.csv", "日期,是否工作日,名称,备注\n2027-01-01,否,,元旦\n", False, "元旦"),
        ("days.csv", "日期,是否工作日,备注,name\n2027-01-01,否,法定,元旦\n", False, "元旦"),
        ("days.csv", "date,day,is_workday,name\n2027-01-01,Friday,false,元旦\n", False, "元旦"),
        ("days.json", '[{"日期":"2027-01-01","是否工作日":false,"名称":"元旦"}]', False, "元旦"),
        ("days.jsonl", '{"日期":"2027-01-01","上班":"是","节日":"元旦"}', True, "元旦"),
        ("days.json", '[{"date":"2027-01-01","day":"Friday","is_workday":false}]', False, ""),
    ],
)
def test_a_name_of_its_own_wins_over_what_it_may_also_be_called(
    tmp_path: Path, name: str, text: str, is_workday: bool, said: str
) -> None:
    """Whatever stands first; of several that may name a day, the first that says something does. Objects are read alike."""
    (tmp_path / name).write_text(text)

    assert [(is_workday, said)] == [
        (day.is_workday, day.name) for day in read_days(tmp_path / name, announces_year=True)
    ]


def test_days_are_read_from_a_workbook(tmp_path: Path) -> None:
    """As a city's office keeps them."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["日期", "是否工作日"])
    sheet.append([datetime(2027, 1, 1), False])  # noqa: DTZ001  as a workbook has it
    book.save(tmp_path / "days.xlsx")

    assert [DayOverride(day=date(2027, 1, 1), is_workday=False)] == read_days(
        tmp_path / "days.xlsx", announces_year=True
    )


@pytest.mark.parametrize(
    ("name", "text", "zh"),
    [
        ("days.csv", 'date,is_workday,name\n2027-01-01,false,"元旦\n2027-01-02,true,补班\n', "引号没有成对"),
        ("days.json", '[{"date":"2027-01-01","is_workday":false,"is_workday":true}]', "“is_workday”出现两次"),
        ("days.jsonl", '{"date":"2027-01-01","is_workday":false,"is_workday":true}', "出现两次"),
        ("days.csv", "date,is_workday\n2027-02-29,false\n", "第 1 天：date“2027-02-29”不是日期"),
        ("days.csv", "date,is_workday\n2027-02-28,perhaps\n", "第 1 天：is_workday“perhaps”不说明是否上班"),
        ("days.csv", "2027-02-28,false\n", "应有 date 和 is_workday 两列"),
        (
            "days.csv",
            "日期,工作日,上班\n2027-01-01,是,否\n",
            "第 1 行：工作日、上班 都表示 is_workday，请只留一个",
        ),
        ("days.csv", "date,date,is_workday\n2027-01-01,2027-01-02,否\n", "date、date 都表示 date"),
        ("days.json", '[{"日期":"2027-01-01","工作日":true,"上班":false}]', "第 1 天：工作日、上班 都表示"),
        ("days.json", '[{"is_workday":true}]', "第 1 天：缺少 date"),
        ("days.jsonl", '{"日期":"2027-01-01"}', "第 1 天：缺少 is_workday"),
        ("days.csv", "date,is_workday\n2027-01-01\n", "第 1 天：缺少 is_workday"),
    ],
)
def test_no_day_is_swallowed_and_what_is_wrong_is_said_in_chinese(
    tmp_path: Path, name: str, text: str, zh: str
) -> None:
    """A quotation mark that is not closed took the days behind it into a name; of two the second counted."""
    (tmp_path / name).write_text(text)

    with pytest.raises(Unusable) as refused:
        read_days(tmp_path / name, announces_year=True)
    assert zh in refused.value.message(Language.ZH)


def test_half_a_notice_is_refused(tmp_path: Path) -> None:
    """One row would announce a year of which nobody knows the rest; what is missing is named, nothing is imported."""
    file, whole = tmp_path / "2027.csv", tmp_path / "whole.csv"
    file.write_text("date,is_workday\n2027-01-01,false\n")
    whole.write_text(as_csv(notice(2027)))
    for words in (("calendar", "import", str(file)), ("calendar", "check", str(file))):
        result = _run(*words)
        assert 1 == result.exit_code
        assert "2027-10-01 National Day" in result.stderr

    assert 0 == _run("calendar", "check", str(whole)).exit_code


def test_a_year_is_shown() -> None:
    """Its odd days, and whether it is announced."""
    shown = json.loads(_run("calendar", "show", "2026", "--json").stdout)

    assert ("china", True) == (shown["calendar"], shown["announced"])
    assert {"date": "2026-02-14", "is_workday": True} in shown["days"]
    assert json.loads(_run("calendar", "show", "2027", "--json").stdout)["announced"] is False


def test_rules_are_checked(tmp_path: Path) -> None:
    """Every problem is named; exit status 1 if there is any."""
    shipped = Path("sla/data/rules.toml").read_text(encoding="utf-8")
    right, wrong = tmp_path / "right.toml", tmp_path / "wrong.toml"
    right.write_text(shipped, encoding="utf-8")
    wrong.write_text(shipped.replace('"5 working days"', '"5 wrking"'), encoding="utf-8")

    assert 0 == _run("rules", "check", str(right)).exit_code
    result = _run("rules", "check", str(wrong), "--json")
    assert 1 == result.exit_code
    assert "5 wrking" in json.loads(result.stdout)["problems"][0]


def test_a_departments_own_hours(tmp_path: Path) -> None:
    """`--department` counts by the calendar that it keeps, in a file of questions as well; most keep the city's."""
    file = tmp_path / "questions.jsonl"
    asked = {"from": "2026-11-23T10:05", "allow": "5 working days", "department": "human-resources"}
    file.write_text(json.dumps(asked))
    words = ("--from", "2026-11-23T10:05", "--allow", "5 working days", "--department")
    answered = json.loads(_run("deadline", "--file", str(file)).stdout)

    assert "2026-11-28T17:00:00+08:00" == answered["due_at"]
    assert answered == _answer(*words, "human-resources")
    assert "2026-11-30T17:30:00+08:00" == _answer(*words, "housing")["due_at"]


def test_a_departments_own_days() -> None:
    """`calendar show --department` says hours and days of the calendar that it keeps; one that is none is refused."""
    shown = json.loads(_run("calendar", "show", "2026", "--department", "human-resources", "--json").stdout)
    citys = json.loads(_run("calendar", "show", "2026", "--department", "housing", "--json").stdout)

    assert ("service-hall", "china") == (shown["calendar"], citys["calendar"])
    assert "Monday to Saturday, 9:00–17:00, not on public holidays" == shown["hours"]["en"]
    assert {"date": "2026-11-28", "is_workday": True} in shown["days"]
    assert "周一至周六" in _run("calendar", "show", "2026", "--department", "human-resources").stdout
    assert 1 == _run("calendar", "show", "2026", "--department", "nobody").exit_code
    assert 1 == _run("calendar", "show", "2026", "--calendar", "mars").exit_code


def test_days_are_read_as_programs_write_moments_and_names(tmp_path: Path) -> None:
    """Midnight of ISO 8601, and half of an emoji, which no database holds."""
    file = tmp_path / "days.json"
    file.write_text('[{"date": "2027-01-01T00:00:00", "is_workday": false, "name": "元旦\\ud83d\\u0000"}]')

    assert [
        DayOverride(day=date(2027, 1, 1), is_workday=False, name="元旦", announces_year=True)
    ] == read_days(file, announces_year=True)


def test_where_days_are_no_json_is_said_in_chinese(tmp_path: Path) -> None:
    """Line and character, not what a parser says."""
    file = tmp_path / "days.json"
    file.write_text('[{"date": "2027-01-01", "is_workday": false},\n]')

    with pytest.raises(Unusable) as refused:
        read_days(file, announces_year=True)

    assert "不是 JSON：第 2 行第 1 个字符处有误" == refused.value.message(Language.ZH)


def test_a_file_of_questions_may_begin_with_a_mark(tmp_path: Path) -> None:
    """Editors put one before UTF-8."""
    file = tmp_path / "questions.jsonl"
    file.write_text('\ufeff{"from": "2026-11-27T10:00", "allow": "2 working days"}\n', encoding="utf-8")

    result = _run("deadline", "--file", str(file))

    assert (0, True) == (result.exit_code, "due_at" in json.loads(result.stdout))


@pytest.mark.parametrize("said", ["2026-11-26T24:00", "2026-11-26 24:00:00", "20261126T2400+0800"])
def test_the_end_of_a_day_is_the_next_ones_beginning(said: str) -> None:
    """As people write a whole day's end."""
    assert _answer("--from", "2026-11-27T00:00+08:00", "--allow", "2 working days") == _answer(
        "--from", said, "--allow", "2 working days"
    )
