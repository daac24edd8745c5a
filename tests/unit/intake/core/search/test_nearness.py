"""Which answers are near a question."""

from intake.core.search.nearness import document_of, ranked
from intake.core.search.question import Counts, question_of

DOCUMENTS = {
    "lamp": document_of("路灯不亮", "人民路的路灯坏了。", "已更换灯泡，路灯已亮。"),
    "park": document_of("公园脏乱", "公园里的路灯旁垃圾没人清。", "已清理。"),
    "bus": document_of("101路公交", "101路总是不来，等了2023秒。", "已加开班次。"),
    "ten": document_of("3路公交", "3路车。", "已加开班次。"),
}


def _order(question: str, documents: object = None) -> list[str]:
    return [key for key, _ in ranked(question_of(question, Counts()), DOCUMENTS)]


def test_what_holds_more_of_the_question_comes_first() -> None:
    """And what holds next to nothing does not come at all."""
    assert ["lamp", "park"] == _order("人民路路灯坏了")
    assert [] == _order("新生儿上户口需要什么材料")


def test_traditional_and_simplified_are_one() -> None:
    """On both sides."""
    assert ["lamp", "park"] == _order("人民路路燈壞了")
    traditional = {"one": document_of("路燈不亮", "壞了", "")}
    assert ["one"] == [key for key, _ in ranked(question_of("路灯不亮", Counts()), traditional)]


def test_numbers_are_found_whole() -> None:
    """Bus 3 is not in bus 101's 2023 seconds."""
    assert "ten" == _order("3路公交车")[0]
    assert "bus" == _order("101路公交车")[0]


def test_what_stands_together_and_early_is_nearer() -> None:
    """The same words scattered over a long text come behind."""
    far = "，".join(["别的事情说了很多"] * 30)
    documents = {
        "scattered": document_of("其他", f"积水{far}路口{far}排不掉"),
        "together": document_of("其他", f"路口积水排不掉{far}{far}"),
    }

    assert ["together", "scattered"] == [
        key for key, _ in ranked(question_of("路口积水排不掉", Counts()), documents)
    ]


def test_nothing_is_ranked_as_nothing() -> None:
    """No documents, or a question without words."""
    assert [] == ranked(question_of("路灯", Counts()), {})
    assert [] == _order("？！")
