"""The code speaks: a module says what it promises, a word of a vocabulary what it means, an exception why."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT, dotted, files, nodes, place, tree

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_EXCEPTION = re.compile(
    r"#\s*(?:type: ignore(?:\[[\w, -]+\])?|noqa(?:: ?[A-Z]+\d+(?:, ?[A-Z]+\d+)*)?)(?P<reason>.*)$"
)
#: We aim under 300; past this a file holds two subjects.
_MOST_LINES = 400


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_has_a_docstring(package: str) -> None:
    """A file opens by saying what it promises."""
    silent = [place(path) for path in files(package) if not ast.get_docstring(tree(path))]

    assert silent == [], "say in the first line what the file promises, so that nobody must read on"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_function_has_a_docstring(package: str) -> None:
    """Whatever others may call says what it promises."""
    silent = [
        f"{place(path, function)} {function.name}"
        for path in files(package)
        for function in _public(tree(path))
        if not ast.get_docstring(function)
    ]

    assert silent == [], "say in one line what is promised; or begin the name with an underscore"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_word_is_explained(package: str) -> None:
    """Each member of a vocabulary has a `#:` line: it becomes a column, a label and a promise."""
    unexplained = [
        f"{place(path, member)} {vocabulary.name}"
        for path in files(package)
        for vocabulary in nodes(path)
        if isinstance(vocabulary, ast.ClassDef) and "StrEnum" in map(dotted, vocabulary.bases)
        for member in vocabulary.body
        if isinstance(member, ast.Assign) and not _explained(path, member)
    ]

    assert unexplained == [], (
        "write a `#:` line above it: whoever reads the column next year is not here today"
    )


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_exceptions_to_rules_have_a_reason(package: str) -> None:
    """Whoever silences a checker says why on the same line."""
    unexplained = [
        f"{place(path)}:{number}"
        for path in files(package)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (found := _EXCEPTION.search(line)) and len(found["reason"].strip(" #.")) < 3
    ]

    assert unexplained == [], "give the reason behind it, so that it can go when the reason has gone"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_error_is_swallowed(package: str) -> None:
    """No `except` does nothing: an error is handled, translated, or let through."""
    swallowed = [
        place(path, node)
        for path in files(package)
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler) and all(isinstance(line, ast.Pass) for line in node.body)
    ]

    assert swallowed == [], "handle it, or use contextlib.suppress with a reason: a lost error is a lost case"


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_files_stay_short(package: str) -> None:
    """A file is read at one sitting."""
    long = [
        f"{place(path)}: {length} lines"
        for path in files(package)
        if "migrations" not in path.parts
        and (length := len(path.read_text(encoding="utf-8").splitlines())) > _MOST_LINES
    ]

    assert long == [], "split it by subject: nobody reads so much at one sitting"


def test_only_settings_read_the_environment() -> None:
    """There is one Settings; what finds Java, caches and whom sudo names by the platform's own variables is apart."""
    readers = (
        "deploy/settings.py",
        "deploy/local/embedded/",
        "deploy/local/setup/",
        "deploy/accounts/who_runs.py",
    )
    found = [
        place(path, node)
        for path in files("deploy")
        if not str(path.relative_to(ROOT)).startswith(readers)
        for node in nodes(path)
        if _reads_environment(node)
    ]

    assert found == [], "add a setting to deploy/settings.py, which documents it"


def _public(node: ast.Module | ast.ClassDef) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    found: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = []
    for child in node.body:
        if isinstance(child, (*_FUNCTIONS, ast.ClassDef)) and not child.name.startswith("_"):
            found += [child, *(_public(child) if isinstance(child, ast.ClassDef) else [])]
    return [child for child in found if not _is_stub(child)]


def _is_stub(node: ast.AST) -> bool:
    # A protocol's method whose body is `...` is described by the protocol.
    if not isinstance(node, _FUNCTIONS) or len(node.body) != 1:
        return False
    (only,) = node.body
    return isinstance(only, ast.Expr) and isinstance(only.value, ast.Constant) and only.value.value is ...


def _explained(path: Path, member: ast.AST) -> bool:
    above = path.read_text(encoding="utf-8").splitlines()[member.lineno - 2]  # type: ignore[attr-defined]  # a statement
    return above.strip().startswith("#:")


def _reads_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.Subscript):
        return dotted(node.value) == "os.environ"
    return isinstance(node, ast.Call) and dotted(node.func) in ("os.getenv", "os.environ.get")


#: Verbs that once meant what another means, and that other.
_OLD_VERBS = {"follow": "handle", "hear": "handle", "heed": "handle", "hold": "lock"}
#: 差评跟进, what a supervisor does; and clocks are held, as `sla/data/clocks.toml` says.
_OTHER_MEANINGS = {"follow_up", "hold_replied"}


@pytest.mark.parametrize("package", PACKAGES)
def test_one_verb_stands_for_one_idea(package: str) -> None:
    """Steps handle events, and stores lock rows, in every slice by the same word (docs/glossary.md)."""
    old = [
        f"{place(path, node)} {node.name}: {_OLD_VERBS[verb]}_{rest}"
        for path in files(package)
        for node in nodes(path)
        if isinstance(node, _FUNCTIONS)
        if (verb := node.name.partition("_")[0]) in _OLD_VERBS and (rest := node.name.partition("_")[2])
        if node.name not in _OTHER_MEANINGS
    ]

    assert old == [], "say what it does, or use the verb that the glossary has"


#: A query's word on the wire, a number of cases (statistics), places in a drawing, and what is thrown away.
_LETTERS = {"q", "n", "x", "y", "_"}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_name_is_a_word(package: str) -> None:
    """`e` in a long list says less than `event`; type variables, and the bare yardsticks of the bench, are apart."""
    letters = [
        f"{place(path, node)} {name}"
        for path in files(package)
        if not path.name.startswith(("ceiling_", "bare_"))
        for node in nodes(path)
        if len(name := _made_name(node)) == 1 and name.islower() and name not in _LETTERS
    ]

    assert letters == [], "call it what it is"


def _made_name(node: ast.AST) -> str:
    """The name of a variable or parameter that stands here; empty where none does."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    return node.arg if isinstance(node, ast.arg) else ""


_PARALLEL = {
    # The row of a slice's own table `case`: each slice keeps of a case what it needs.
    "CaseRow",
    # How a case stands when a notice of it is about to be sent, as intake and handlers each know it.
    "Standing",
}


def test_a_class_name_means_one_thing() -> None:
    """Whoever searches for a class finds the one that is meant; slices that do the same thing may say the same."""
    found: dict[str, list[str]] = {}
    for package in PACKAGES:
        for path in files(package):
            for node in tree(path).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found.setdefault(node.name, []).append(place(path, node))

    assert {} == {name: places for name, places in found.items() if len(places) > 1 and name not in _PARALLEL}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_docstring_is_a_sentence(package: str) -> None:
    """Four words ("As the library does.") tell nothing to whoever does not know it already."""
    terse = [
        f"{place(path, node)} {node.name}: {written}"
        for path in files(package)
        if "migrations" not in path.parts  # Alembic asks for functions of these names, and says what they do
        for node in nodes(path)
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef))
        and (written := ast.get_docstring(node))
        and len(re.findall(r"[\w`'.,/-]+", written)) <= 4
    ]

    assert terse == [], "say what is promised, in at least five words"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_docstring_does_not_only_point_elsewhere(package: str) -> None:
    """`The same as a page.`: whoever sees it alone, in a list or above a call, does not know the same as what."""
    pointing = [
        f"{place(path, node)} {node.name}: {written}"
        for path in files(package)
        for node in nodes(path)
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef))
        and (written := ast.get_docstring(node) or "").startswith("The same")
        and len(re.findall(r"[\w`'.,/-]+", written)) <= 7
    ]

    assert pointing == [], "say what it is, not only that something like it stands nearby"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_language_is_chosen_in_one_way(package: str) -> None:
    """`Language.choose` knows which languages there are; whoever compares by hand has to be found with the next one."""
    by_hand = [
        place(path, node)
        for path in files(package)
        if path != ROOT / "schemas" / "words.py"  # `choose` itself
        for node in nodes(path)
        if isinstance(node, ast.IfExp)
        and "Language." in ast.unparse(node.test)
        and not isinstance(node.body, ast.Call)  # what is made for one language only
    ]

    assert by_hand == [], "use `language.choose(zh, en)`, or a `Bilingual` and its `message(language)`"
