"""Where a broker's storage lies whose folder has another name than ASCII."""

from pathlib import Path

from deploy.local.embedded.kafka_node import Node, bring_home, made_by_brokers


def test_a_storage_beside_its_folder_comes_home(tmp_path: Path) -> None:
    """Java had read its name as Latin-1: moved as it is, once, and known as made before that; nobody else's folder goes."""
    city = tmp_path / "城市"
    node = Node(number=1, directory=city / "kafka" / "node-1", port=1, controller_port=2)
    node.directory.mkdir(parents=True)
    node.formatted_file.touch()
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
