"""Where a broker's storage lies whose folder has another name than ASCII."""

from pathlib import Path

import pytest

from deploy.local.embedded.errors import StorageApart
from deploy.local.embedded.kafka_node import Node, bring_home, made_by_brokers


def _formatted(city: Path) -> Node:
    node = Node(number=1, directory=city / "kafka" / "node-1", port=1, controller_port=2)
    node.directory.mkdir(parents=True)
    node.formatted_file.touch()
    return node


@pytest.mark.parametrize("name", ["ci,ty", "ci , ty", "城,市", "ci\\u002cty"])
def test_a_storage_in_several_folders_is_said_where_it_lies(tmp_path: Path, name: str) -> None:
    """Java parted its path: each of them may hold what is another's, and nothing is moved, nor begun anew beside it."""
    node = _formatted(tmp_path / name)
    first = tmp_path / name.encode().decode("latin-1").replace("\\u002c", ",").partition(",")[0].strip()
    first.mkdir()
    (first / "meta.properties").touch()

    for begins in (lambda: bring_home(node), lambda: made_by_brokers(node.directory.parent, 1)):
        with pytest.raises(StorageApart) as refused:
            begins()
        assert node.data == refused.value.facts["directory"]
        assert first == refused.value.facts["first"]
        assert str(refused.value.facts["others"]).endswith("/kafka/node-1/data")
    assert not node.data.exists()
    assert [first / "meta.properties"] == list(first.iterdir())

    # With its records in it, as this release writes them, and where nothing was begun yet.
    node.data.mkdir()
    (node.data / "meta.properties").touch()
    bring_home(node)
    (node.data / "meta.properties").unlink()
    node.formatted_file.unlink()
    bring_home(node)


def test_a_storage_whose_path_java_read_otherwise_comes_home(tmp_path: Path) -> None:
    """A backslash quotes what follows it."""
    node = _formatted(tmp_path / "ci\\xy\\u57ce")
    away = tmp_path / "cixy城" / "kafka" / "node-1" / "data"
    away.mkdir(parents=True)
    (away / "meta.properties").touch()
    bring_home(node)

    assert (node.data / "meta.properties").exists()
    assert not away.exists()


def test_a_storage_beside_its_folder_comes_home(tmp_path: Path) -> None:
    """Java had read its name as Latin-1: moved as it is, once, and known as made before that; nobody else's folder goes."""
    city = tmp_path / "城市"
    node = _formatted(city)
    misread = Path(str(node.data).encode().decode("latin-1"))
    misread.mkdir(parents=True)
    (misread / "meta.properties").write_text("node.id=1", encoding="ascii")
    before = made_by_brokers(city / "kafka", 1)
    for _ in range(2):
        bring_home(node)

    assert all(made.exists() for made in made_by_brokers(city / "kafka", 1))
    assert [node.formatted_file, misread / "meta.properties"] == before
    assert "node.id=1" == (node.data / "meta.properties").read_text(encoding="ascii")
    assert [city] == list(tmp_path.iterdir())
