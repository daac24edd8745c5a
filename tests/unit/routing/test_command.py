"""`huiyin classify`, `evaluate` and `train`."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from deploy.commands import classify, evaluate, models, train
from deploy.commands.labelled import labelled
from routing.store.models import StoredModel
from tests.unit.routing.learning.lessons import lessons


@pytest.fixture
def app() -> typer.Typer:
    """The three commands alone."""
    app = typer.Typer()
    for command in (classify, evaluate, train):
        command.register(app)
    return app


def test_a_text_is_classified_as_scripts_read_it(app: typer.Typer) -> None:
    """Every promised field, also for Traditional characters."""
    result = CliRunner().invoke(app, ["classify", "公車、地鐵和公交車都沒有，東湖區的乘客怎麼辦", "--json"])

    assert 0 == result.exit_code
    opinion = json.loads(result.stdout)
    promised = {
        "category", "label", "probability", "candidates", "lead", "supporting", "kind", "urgency",
        "reasons", "review",
    }  # fmt: skip
    assert promised <= set(opinion)
    assert ("transport", "交通运输", "donghu") == (opinion["category"], opinion["label"], opinion["region"])
    assert {"category", "probability"} <= set(opinion["candidates"][0])


def test_whom_a_message_accuses_is_shown(app: typer.Typer) -> None:
    """Also where the name is spread out, in Traditional characters."""
    result = CliRunner().invoke(app, ["classify", "舉報城 管 局收受賄賂", "--json"])

    opinion = json.loads(result.stdout)
    assert (["urban-management"], True, True) == (opinion["accused"], opinion["protected"], opinion["review"])


def test_a_file_gives_one_line_for_each_message(app: typer.Typer, tmp_path: Path) -> None:
    """Plain lines and JSON lines, in their order; what Unicode calls the end of a line may stand within one."""
    file = tmp_path / "messages.txt"
    file.write_text('拖欠农民工工资\n{"title": "小学学区", "text": "孩子\u2028入学"}\n', encoding="utf-8")

    result = CliRunner().invoke(app, ["classify", "--file", str(file), "--json"])

    assert ["labour", "education-culture"] == [
        json.loads(line)["category"] for line in result.stdout.splitlines()
    ]


def test_a_quotation_mark_that_is_never_closed_swallows_no_messages(app: typer.Typer, tmp_path: Path) -> None:
    """Hundreds of rows would be learned as one message's text."""
    file = tmp_path / "open.csv"
    file.write_text('title,text,category\n路灯,"路灯不亮,城乡建设\n公交,公交不来,交通运输\n')

    result = CliRunner().invoke(app, ["evaluate", "--data", str(file), "--label-column", "category"])

    assert 0 != result.exit_code
    assert "open.csv" in result.stderr


def test_an_evaluation_has_the_promised_figures(app: typer.Typer, tmp_path: Path) -> None:
    """On labels by name, the title and the text in two columns."""
    file = tmp_path / "labelled.csv"
    file.write_text(
        "标题,正文,类别\n公交太少,等车,交通运输\n医院收费,医生,劳动和社会保障\n", encoding="utf-8-sig"
    )
    columns = ["--text-column", "标题", "--text-column", "正文", "--label-column", "类别"]

    result = CliRunner().invoke(app, ["evaluate", "--data", str(file), *columns, "--json"])

    assert 0 == result.exit_code
    found = json.loads(result.stdout)
    promised = {
        "rows", "macro_f1", "accuracy", "top3_accuracy", "per_class", "coverage_at_95_precision",
        "messages_per_second",
    }  # fmt: skip
    assert promised <= set(found)
    assert (2, 0.5) == (found["rows"], found["accuracy"])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["train", "--to", "m", "--data", "/nowhere.csv"], "cannot be read"),
        (["classify", "--model", "/nowhere.model", "公交"], "The model cannot be used"),
        (["classify", "--file", "/nowhere.txt"], "cannot be read"),
        (
            ["evaluate", "--data", "/nowhere.csv", "--text-column", "a", "--label-column", "b"],
            "cannot be read",
        ),
        (
            ["train", "--to", "m", "--data", "pyproject.toml", "--label-column", "b"],
            "no column b",
        ),
    ],
)
def test_what_cannot_be_done_is_said_plainly(app: typer.Typer, arguments: list[str], reason: str) -> None:
    """On stderr, with an exit status."""
    result = CliRunner().invoke(app, arguments)

    assert 1 == result.exit_code
    assert reason in result.stderr
    assert "" == result.stdout


_CHINESE = {"LC_ALL": "zh_CN.UTF-8"}


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["train"], "没有可学的来件", "There is nothing to learn from"),
        (["train", "--data", "/nowhere.csv"], "无法读取文件", "The file cannot be read"),
        (["train", "--data", "none.csv"], "可学的来件太少", "There is not enough to learn from"),
        (["train", "--data", "one.csv", "--label-column", "b"], "没有名为 b 的列", "no column b"),
        (["train", "--data", "one.csv", "--text-column", "c"], "没有名为 c 的列", "no column c"),
        (
            ["evaluate", "--data", "none.csv", "--label-column", "label"],
            "文件里没有来件",
            "There are no rows",
        ),
        (
            ["evaluate", "--data", "one.csv", "--label-column", "label"],
            "不是本市的类别：天文",
            "no categories: 天文",
        ),
        (["evaluate", "search", "/nowhere.tsv"], "无法读取文件", "The file cannot be read"),
        (["evaluate", "search", "one.csv"], "第 1 行", "Line 1"),
    ],
)
def test_what_cannot_be_learned_from_is_said_in_the_language_of_the_terminal(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], zh: str, en: str
) -> None:
    """Chinese or English, and neither beside the other."""
    monkeypatch.chdir(tmp_path)
    Path("none.csv").write_text("text,label\n", encoding="utf-8")
    Path("one.csv").write_text("text,label\n流星太少,天文\n", encoding="utf-8")

    chinese = CliRunner().invoke(app, arguments, env=_CHINESE)
    english = CliRunner().invoke(app, arguments, env={"LC_ALL": "en_GB.UTF-8"})

    assert (1, 1) == (chinese.exit_code, english.exit_code)
    assert zh in chinese.stderr
    assert en not in chinese.stderr
    assert en in english.stderr


def _csv(file: Path, rows: int, seed: int) -> Path:
    lines = [f"{each.title},{each.text.replace(',', ' ')},{each.label}" for each in lessons(rows, seed)]
    file.write_text("\n".join(["title,text,label", *lines]) + "\n", encoding="utf-8")
    return file


def test_an_evaluation_after_learning(app: typer.Typer, tmp_path: Path) -> None:
    """Learned from one file, measured on another, with a page of tables and curves that holds no text."""
    train_on, data = _csv(tmp_path / "a.csv", 150, 1), _csv(tmp_path / "b.csv", 60, 2)
    report = tmp_path / "report.html"

    files = ["--data", str(data), "--train", str(train_on), "--report", str(report)]

    result = CliRunner().invoke(app, ["evaluate", *files, "--label-column", "label", "--json"])

    assert 0 == result.exit_code
    found = json.loads(result.stdout)
    assert found["macro_f1"] > 0.9
    assert 300 == found["trained"]["rows"]
    page = report.read_text(encoding="utf-8")
    assert 2 == page.count("<svg")
    assert "教育文体" in page
    assert not any(each.text in page for each in lessons(60, 2))


def test_labels_of_ones_own_are_learned(app: typer.Typer, tmp_path: Path) -> None:
    """Departments' names, say, that are no categories of this city."""
    file = tmp_path / "own.csv"
    lines = [f"{each.text.replace(',', ' ')},{each.label.upper()} 局" for each in lessons(90)]
    file.write_text("\n".join(["text,who", *lines]), encoding="utf-8")

    result = CliRunner().invoke(
        app, ["evaluate", "--data", str(file), "--train", str(file), "--label-column", "who", "--json"]
    )

    assert {"TRANSPORT 局", "EDUCATION-CULTURE 局", "HEALTH 局"} == {
        line["label"] for line in json.loads(result.stdout)["per_class"]
    }


def test_what_was_learned_classifies(app: typer.Typer, tmp_path: Path) -> None:
    """A file that `train` wrote; the opinion names it."""
    model = tmp_path / "city.model"
    CliRunner().invoke(app, ["train", "--data", str(_csv(tmp_path / "a.csv", 150, 1)), "--to", str(model)])

    result = CliRunner().invoke(app, ["classify", "公交车太少", "--model", str(model), "--json"])

    opinion = json.loads(result.stdout)
    assert ("transport", "city.model") == (opinion["category"], opinion["model"])


def test_what_makes_a_models_figures_worthless_is_said(app: typer.Typer, tmp_path: Path) -> None:
    """On the terminal in its language, to scripts, and in the report in both."""
    file, report = tmp_path / "alike.csv", tmp_path / "report.html"
    rows = [
        f"{n} 号楼反映{label}的问题,{label}"
        for n in range(80)
        for label in ("交通运输", "教育文体", "卫生计生")
    ]
    file.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    line = ["train", "--data", str(file), "--to", str(tmp_path / "m"), "--json"]
    evaluated = ["evaluate", "--data", str(file), "--train", str(file), "--label-column", "label"]

    headline = CliRunner().invoke(app, line[:-1], env={"LC_ALL": "en_GB.UTF-8"}).stdout.splitlines()[0]
    in_chinese = CliRunner().invoke(app, line[:-1], env=_CHINESE).stdout.splitlines()[0]
    trained = CliRunner().invoke(app, line, env={"LC_ALL": "en_GB.UTF-8"})
    chinese = CliRunner().invoke(app, line, env=_CHINESE)
    shown = CliRunner().invoke(app, [*evaluated, "--report", str(report), "--json"])

    assert ["absent", "alike", "few-texts"] == [each["code"] for each in json.loads(trained.stdout)["doubts"]]
    assert headline.endswith("(worth little: 3 labels have one or two texts alone)")
    assert in_chinese.endswith("（意义不大：3 个标签只有一两段不同的文字）")
    assert "warning: 99% of the messages are nearly the same as another" in trained.stderr
    assert "注意：没有学过这些类别的来件：" in chinese.stderr
    assert "注意：99% 的来件与别的来件几乎相同" in chinese.stderr
    assert ["absent", "alike", "few-texts"] == [
        each["code"] for each in json.loads(shown.stdout)["trained"]["doubts"]
    ]
    page = report.read_text(encoding="utf-8")
    assert "几乎相同" in page
    assert "nearly the same as another" in page


def test_the_headline_holds_look_alikes_out_together(app: typer.Typer, tmp_path: Path) -> None:
    """Beneath it stands what those that ask what was told would say; where few are look-alikes nothing does."""
    plain, often = _csv(tmp_path / "plain.csv", 150, 1), tmp_path / "often.csv"
    lines = plain.read_text(encoding="utf-8").splitlines()
    often.write_text(
        "\n".join([lines[0], *(f"{n}号{line}" for line in lines[1:] for n in range(4))]), encoding="utf-8"
    )

    def learned(file: Path) -> list[str]:
        line = ["train", "--data", str(file), "--to", str(tmp_path / "m")]
        return CliRunner().invoke(app, line, env={"LC_ALL": "en_GB.UTF-8"}).stdout.splitlines()

    assert learned(often)[1].startswith("  look-alikes held out together; apart they would have")
    assert not any("look-alikes" in line for line in learned(plain))


def test_a_model_of_another_city_is_refused_in_the_language_of_the_terminal(
    app: typer.Typer, tmp_path: Path
) -> None:
    """Where it would classify, and where it would be kept to route."""
    file, model = tmp_path / "own.csv", tmp_path / "own.model"
    lines = [f"{each.text.replace(',', ' ')},{each.label.upper()} 局" for each in lessons(90)]
    file.write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    learned = CliRunner().invoke(app, ["train", "--data", str(file), "--to", str(model)])
    asked = ["classify", "公交车太少", "--model", str(model)]

    kept = CliRunner().invoke(app, ["train", "--data", str(file)], env=_CHINESE)
    in_chinese = CliRunner().invoke(app, asked, env=_CHINESE)
    in_english = CliRunner().invoke(app, asked, env={"LC_ALL": "en_GB.UTF-8"})

    assert 0 == learned.exit_code
    assert "模型的标签不是本市的类别：EDUCATION-CULTURE 局, " in kept.stderr
    assert "模型不可用：模型的标签不是本市的类别：" in in_chinese.stderr
    assert (
        "The model cannot be used: the model's labels are no categories of this city: " in in_english.stderr
    )
    assert {1} == {kept.exit_code, in_chinese.exit_code, in_english.exit_code}


def _stored(labels: tuple[str, ...]) -> StoredModel:
    known = json.dumps({"labels": labels, "precision": 0.95, "doubts": [{"code": "alike", "share": 0.5}]})
    return StoredModel(
        version="3", state="shadow", learned_at=None, learned_by="li", promoted_at=None, learned=known,
        decided=0, same_lead=0, same_category=0, overruled=0,
    )  # fmt: skip


@pytest.fixture
def promoted(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The versions that were promoted; one is there, which knows a single category."""
    done: list[str] = []

    async def kept() -> list[StoredModel]:
        return [_stored(("transport",))]

    async def promote(version: str) -> bool:
        done.append(version)
        return True

    monkeypatch.setattr(models, "_kept", kept)
    monkeypatch.setattr(models, "_promote", promote)
    models.register(app)
    return done


def test_what_a_model_does_not_know_is_said_where_it_is_listed_and_promoted(
    app: typer.Typer, promoted: list[str]
) -> None:
    """A script is not asked; which version there is not is refused."""
    listed = CliRunner().invoke(app, ["models", "list"], env=_CHINESE)
    done = CliRunner().invoke(app, ["models", "promote", "3"], env=_CHINESE)
    refused = CliRunner().invoke(app, ["models", "promote", "4"])

    for told in (listed.stdout, done.stderr):
        assert "没有学过这些类别的来件：" in told
        assert "等另外 8 个。" in told
        assert "50% 的来件与别的来件几乎相同" in told
    assert (["3"], 1) == (promoted, refused.exit_code)


def test_at_a_terminal_a_promotion_asks_first(
    app: typer.Typer, promoted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No ends it; --yes is not asked."""
    monkeypatch.setattr(models, "_is_somebody_there", lambda: True)
    line = ["models", "promote", "3"]
    no = CliRunner().invoke(app, line, input="n\n", env=_CHINESE)
    assert (1, []) == (no.exit_code, promoted)
    assert "仍让第 3 版决定？" in no.stderr

    CliRunner().invoke(app, line, input="y\n")
    CliRunner().invoke(app, [*line, "--yes"])

    assert ["3", "3"] == promoted


def test_a_model_that_the_workers_would_refuse_is_not_promoted(
    app: typer.Typer, promoted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The city changed since it learned."""

    async def kept() -> list[StoredModel]:
        return [_stored(("transport", "of-then"))]

    monkeypatch.setattr(models, "_kept", kept)
    refused = CliRunner().invoke(app, ["models", "promote", "3"], env=_CHINESE)

    assert (1, []) == (refused.exit_code, promoted)
    assert "模型的标签不是本市的类别：of-then" in refused.stderr


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("text,label\n停电,了,供电\n", "第 2 行的单元格比表头多", "Line 2 has more cells"),
        ("text,label,label\n停电,供电,a\n", "几列都名为 label", "Several columns are called label"),
    ],
)
def test_a_label_that_may_be_another_columns_is_refused(
    app: typer.Typer, tmp_path: Path, text: str, zh: str, en: str
) -> None:
    """A comma that nobody quoted would teach half a sentence as a label."""
    file = tmp_path / "labelled.csv"
    file.write_text(text, encoding="utf-8")

    for language, said in (("zh_CN.UTF-8", zh), ("C.UTF-8", en)):
        result = CliRunner().invoke(
            app, ["evaluate", "--data", str(file), "--label-column", "label"], env={"LC_ALL": language}
        )
        assert result.exit_code != 0
        assert said in result.stderr


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_files_are_read_in_what_spreadsheet_programs_write(
    app: typer.Typer, tmp_path: Path, encoding: str
) -> None:
    """Of messages to classify, and of labelled ones."""
    said, rows = tmp_path / "said.txt", tmp_path / "rows.csv"
    said.write_text("地铁站的电梯坏了三天没有人修理\n", encoding=encoding)
    rows.write_text("text,label\n地铁站的电梯坏了三天没有人修理,交通运输\n", encoding=encoding)

    classified = CliRunner().invoke(app, ["classify", "--file", str(said), "--json"])

    assert 0 == classified.exit_code, classified.output
    assert 1 == len(classified.stdout.splitlines())
    assert [("地铁站的电梯坏了三天没有人修理", "交通运输")] == [
        (each.text, each.label) for each in labelled(rows, ["text"], "label")
    ]
