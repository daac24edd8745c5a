"""`huiyin city check DIR` as a person and a script read it."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from deploy.commands.city import register

_SHIPPED = Path(__file__).parents[4] / "schemas" / "data"
APP = typer.Typer()
register(APP)


@pytest.fixture(autouse=True)
def _alone() -> None:
    """A group needs a second word beside it, as the command line has."""
    if len(APP.registered_groups) == 1:
        APP.add_typer(typer.Typer(), name="other")


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the terminal says, unless a test says otherwise."""
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def test_a_good_city_is_counted() -> None:
    """Exit status 0; one object for a script."""
    shown = CliRunner().invoke(APP, ["city", "check", str(_SHIPPED)])
    told = json.loads(CliRunner().invoke(APP, ["city", "check", str(_SHIPPED), "--json"]).stdout)

    assert 0 == shown.exit_code
    counted = "29 departments, 8 districts, 23 streets, 17 categories, 91 subcategories, 295 items, 28 tags: may be used"
    assert counted in shown.stdout
    assert (True, 8, ["warn"]) == (
        told["is_usable"],
        told["districts"],
        [one["state"] for one in told["findings"]],
    )


def test_a_bad_one_ends_with_two(tmp_path: Path) -> None:
    """Each fault with file and line, then what to do."""
    folder = Path(shutil.copytree(_SHIPPED, tmp_path / "city"))
    path = folder / "taxonomy.toml"
    path.write_text(path.read_text("utf-8").replace('lead = "housing"', 'lead = "nobody"'), "utf-8")
    shown = CliRunner().invoke(APP, ["city", "check", str(folder)])

    assert 2 == shown.exit_code
    assert "fail  taxonomy.toml:6  lead  urban-construction: lead names nobody" in shown.stdout
    assert 2 == CliRunner().invoke(APP, ["city", "check", str(tmp_path / "nowhere")]).exit_code


def test_rules_of_another_city_are_a_fault(tmp_path: Path) -> None:
    """The words that route name a unit that this city lacks: no process would start with both."""
    folder = Path(shutil.copytree(_SHIPPED, tmp_path / "city"))
    for path in folder.glob("*.toml"):
        path.write_text(path.read_text("utf-8").replace('"housing"', '"homes"'), "utf-8")
    shown = CliRunner().invoke(APP, ["city", "check", str(folder)])

    assert 2 == shown.exit_code
    assert "ROUTING_DIRECTORY" in shown.stdout
    assert "--routing" in shown.stdout
    assert "the routing rules name what the city does not have: housing" in shown.stdout
    told = CliRunner().invoke(APP, ["city", "check", str(folder)], env={"LC_ALL": "zh_CN.UTF-8"}).stdout
    assert "派单规则写了本市没有的：housing" in told


def test_a_word_in_company_that_is_never_met_is_a_fault(tmp_path: Path) -> None:
    """No process would start with it, and whoever wrote it reads which it is."""
    rules = (Path(__file__).parents[4] / "routing" / "data" / "categories.toml").read_text("utf-8")
    (tmp_path / "categories.toml").write_text(rules.replace('"困梯"]', '"困梯", "飞毯"]', 1), "utf-8")
    line = ["city", "check", str(_SHIPPED)]
    named = CliRunner().invoke(APP, [*line, "--routing", str(tmp_path)])
    # As every process reads them.
    as_set = CliRunner().invoke(APP, line, env={"ROUTING_DIRECTORY": str(tmp_path)})

    for shown in (named, as_set):
        assert 2 == shown.exit_code
        assert "[[company]] has 飞毯, part of no listed word" in shown.stdout


def test_a_word_that_a_list_of_the_rules_says_twice_is_pointed_at(tmp_path: Path) -> None:
    """The second one counts for nothing, which keeps nobody from starting; written otherwise it is the same."""
    rules = Path(__file__).parents[4] / "routing" / "data"
    urgency = (rules / "urgency.toml").read_text("utf-8").replace('"火灾"', '"火灾", "火災"', 1)
    (tmp_path / "urgency.toml").write_text(urgency, "utf-8")
    kinds = (
        (rules / "kinds.toml").read_text("utf-8").replace('leaning = ["查处"', 'leaning = ["舉報", "查处"', 1)
    )
    (tmp_path / "kinds.toml").write_text(kinds, "utf-8")
    line = ["city", "check", str(_SHIPPED), "--routing", str(tmp_path)]
    shown, told = CliRunner().invoke(APP, line), json.loads(CliRunner().invoke(APP, [*line, "--json"]).stdout)
    found = [one for one in told["findings"] if one["code"] == "word-once"]

    assert 0 == shown.exit_code
    assert [
        ("kinds", "kind", "举报", "舉報", "report"), ("urgency", "emergency", "火灾", "火災", None),
    ] == [
        (one["file"].split("/")[1].removesuffix(".toml"), one["key"], one["facts"]["theirs"], one["facts"]["word"],
         one["facts"].get("entry"))
        for one in found
    ]  # fmt: skip
    assert (
        "ROUTING_DIRECTORY/kinds.toml  kind  report: 舉報 is the same as 举报: it counts once" in shown.stdout
    )


def test_findings_are_said_in_the_language_of_the_terminal(tmp_path: Path) -> None:
    """The counts as well."""
    folder = Path(shutil.copytree(_SHIPPED, tmp_path / "city"))
    path = folder / "taxonomy.toml"
    path.write_text(path.read_text("utf-8").replace('lead = "housing"', 'lead = "nobody"'), "utf-8")
    line, chinese = ["city", "check", str(folder)], {"LC_ALL": "zh_CN.UTF-8"}
    shown = CliRunner().invoke(APP, line, env=chinese).stdout

    assert "urban-construction：lead 写的是 nobody，没有这个单位" in shown
    assert "29 个单位、8 个区县、23 条道路、17 个类别、91 个诉求分类、295 个事项、28 个标签：有" in shown
