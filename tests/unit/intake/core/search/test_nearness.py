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


def test_short_texts_are_measured_against_each_other() -> None:
    """Among titles a long one is long: said twice in it tells less than once in one that says nothing else."""
    titles = {
        "long": document_of("路灯旁的小区门口停车位被占用了，物业不管，也没有人来管一管，希望在路灯下面划线"),
        "short": document_of("路灯不亮"),
    }

    assert ["short", "long"] == [key for key, _ in ranked(question_of("路灯坏了", Counts()), titles)]


def test_one_word_of_a_question_is_near_and_one_of_very_many_is_not() -> None:
    """A sentence's only telling word may be the matter; of a long text it is chance, as beside what holds much."""
    sentence = "您好想问一下咱们这边哪里能修路灯"
    far = "希望贵局能够百忙之中抽空安排专人前来实地查看并及时妥善解决此事谢谢"
    lamp = {"lamp": DOCUMENTS["lamp"]}

    assert 1 == len(ranked(question_of(sentence, Counts()), lamp))
    assert [] == ranked(question_of(f"{far}路灯", Counts()), lamp)
    much = lamp | {"asked": document_of("想问一下哪里能修路灯")}
    assert ["asked"] == [key for key, _ in ranked(question_of(sentence, Counts()), much)]


def test_letters_among_characters_tell_the_fewer_texts_hold_any() -> None:
    """Beside whole words; digits by themselves tell nothing, nor letters where all is written in them."""
    documents = {
        "plain": document_of("申请表在哪里交"),
        "letters": document_of("申请表ETC在哪里"),
        "digits": document_of("申请表315在哪里"),
    }
    scores = dict(ranked(question_of("ETCP35申请表", Counts()), documents))

    assert scores["letters"].score > scores["digits"].score
    assert scores["letters"].share == scores["digits"].share
    assert ((), ("e", "t", "c")) == tuple(
        question_of(text, Counts()).letters for text in ("etc form", "ETC表12")
    )


def test_one_more_answer_moves_no_score() -> None:
    """Whoever turns the page while another is published finds each answer once."""
    more = DOCUMENTS | {"late": document_of("路灯", "另一条路上的路灯也坏了，请来修")}
    question = question_of("人民路路灯坏了", Counts())
    before, since = dict(ranked(question, DOCUMENTS)), dict(ranked(question, more))

    assert before == {key: since[key] for key in before}
    assert "late" in since


def test_nothing_is_ranked_as_nothing() -> None:
    """No documents, or a question without words."""
    assert [] == ranked(question_of("路灯", Counts()), {})
    assert [] == _order("？！")
