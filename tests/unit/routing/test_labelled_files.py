"""Labels as people write them in files to learn from, and to be measured on."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from deploy.commands import evaluate, train
from deploy.commands.labelled import labelled

_TEXTS = {"城乡建设": "路灯不亮", "交通运输": "公交车不来"}
_COLUMNS = ["--label-column", "label", "--text-column", "text", "--json"]


@pytest.fixture
def app() -> typer.Typer:
    """The two commands that read labels."""
    app = typer.Typer()
    evaluate.register(app)
    train.register(app)
    return app


def _file(folder: Path, *more: str, named: dict[str, str] | None = None) -> Path:
    """Six messages of two labels, called as in `named`, and more rows."""
    named = named or {}
    rows = [f"{text}第{at}次,{named.get(label, label)}" for label, text in _TEXTS.items() for at in range(6)]
    file = folder / "rows.csv"
    file.write_text("\n".join(["text,label", *rows, *more, ""]), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "named",
    [
        {"城乡建设": "城鄉建設", "交通运输": "交通運輸"},
        {"城乡建设": " 城乡建设", "交通运输": "Transport "},
        {"城乡建设": "urban-construction", "交通运输": "交通運輸"},
        {"城乡建设": "Urban-Construction", "交通运输": "TRANSPORT"},
    ],
)
def test_a_category_is_known_by_whatever_name(
    app: typer.Typer, tmp_path: Path, named: dict[str, str]
) -> None:
    """In Traditional characters, in English, by its code, in capitals, and with blanks around it."""
    file = str(_file(tmp_path, named=named))

    measured = CliRunner().invoke(app, ["evaluate", "--data", file, *_COLUMNS])
    learned = CliRunner().invoke(app, ["train", "--data", file, "--to", str(tmp_path / "m"), *_COLUMNS])
    both = CliRunner().invoke(app, ["evaluate", "--data", file, "--train", file, *_COLUMNS])

    assert {"城乡建设", "交通运输"} == {each["label"] for each in json.loads(measured.stdout)["per_class"]}
    assert ["transport", "urban-construction"] == json.loads(learned.stdout)["labels"]
    assert 1.0 == json.loads(both.stdout)["accuracy"]


def test_rows_without_a_label_are_left_out_and_counted(app: typer.Typer, tmp_path: Path) -> None:
    """One of them made labels of their own of all others, and a model that cannot route."""
    file = _file(tmp_path, "没有填,", "空格,   ")

    result = CliRunner().invoke(
        app, ["evaluate", "--data", str(file), *_COLUMNS], env={"LC_ALL": "zh_CN.UTF-8"}
    )

    assert (0, 12) == (result.exit_code, json.loads(result.stdout)["rows"])
    assert "2 行没有标签" in result.stderr


def test_only_labels_that_are_no_categories_are_called_so(app: typer.Typer, tmp_path: Path) -> None:
    """The others are known all the same, and measured under their names."""
    more = [f"供暖不热第{at}次,供热办" for at in range(6)]
    file = str(_file(tmp_path, *more))

    learned = CliRunner().invoke(app, ["train", "--data", file, "--to", str(tmp_path / "m"), *_COLUMNS])
    measured = CliRunner().invoke(app, ["evaluate", "--data", file, "--train", file, *_COLUMNS])

    assert "These labels are no categories of this city: 供热办." in learned.stderr
    assert {"transport", "urban-construction", "供热办"} == {*json.loads(learned.stdout)["labels"]}
    found = json.loads(measured.stdout)
    assert {"交通运输", "城乡建设", "供热办"} == {each["label"] for each in found["per_class"]}
    assert 1.0 == found["accuracy"]


def test_a_cell_may_be_as_long_as_one_of_an_import(tmp_path: Path) -> None:
    """One long letter among many was the end of all of them."""
    file = _file(tmp_path, f"{'路灯不亮' * 50_000},城乡建设")

    assert 13 == len(labelled(file, ["text"], "label"))


@pytest.mark.parametrize(
    ("text", "said"), [("", "it is empty"), ("内容;类别\n路灯;城乡建设\n", "it has: 内容;类别")]
)
def test_a_missing_column_is_named_beside_those_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    """So that whoever typed it sees the right name, or the wrong separator."""
    file = tmp_path / "rows.csv"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(typer.Exit):
        labelled(file, ["text"], "label")

    assert said in capsys.readouterr().err
