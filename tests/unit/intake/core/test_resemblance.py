"""Look-alikes: copies resemble each other, other messages do not."""

from intake.core.resemblance import ClauseHashes, clause_hashes, similarity

LETTER = (
    "小区噪音\n尊敬的领导您好。楼下饭店油烟机从早上六点一直响到晚上十一点，窗户都不敢打开。"
    "已经向物业反映了三次都没有结果。希望有关部门尽快处理。谢谢！"
)


def test_a_copy_has_the_same_clause_hashes() -> None:
    """Punctuation and line ends do not count."""
    assert clause_hashes(LETTER) == clause_hashes(LETTER.replace("。", "！\n"))


def test_a_copy_with_another_sentence_shares_a_clause() -> None:
    """An added sentence changes one pick at most."""
    one, other = clause_hashes(LETTER), clause_hashes(LETTER + "昨天晚上又吵到十二点半。")

    assert one is not None
    assert other is not None
    assert one.whole != other.whole
    assert one.first == other.first or one.second == other.second


def test_politeness_alone_resembles_nothing() -> None:
    """Two letters that share only their greeting and their thanks are different letters."""
    one = clause_hashes(
        "尊敬的市委书记领导您好。人民路的路灯坏了三天了晚上看不见。希望有关部门尽快处理为盼。"
    )
    other = clause_hashes("尊敬的市委书记领导您好。学校门口没有斑马线接送很危险。希望有关部门尽快处理为盼。")

    assert one is not None
    assert other is not None
    assert not {one.first, one.second} & {other.first, other.second}


def test_a_message_that_says_too_little_has_none() -> None:
    """ "你好" resembles every other "你好"."""
    assert clause_hashes("你好\n在吗") is None


def test_similarity_grows_with_what_is_shared() -> None:
    """A whole copy is certain, one clause is a hint."""
    assert 1.0 == similarity(same_whole=True, same_first=True, same_second=True)
    assert 0.9 == similarity(same_whole=False, same_first=True, same_second=True)
    assert 0.6 == similarity(same_whole=False, same_first=False, same_second=True)


def test_signatures_are_the_ones_of_earlier_releases() -> None:
    """What was registered years ago is found by what is written today: two clauses, picked in two ways."""
    text = (
        "人民路的路灯坏了三天晚上看不见\n学校门口没有斑马线接送孩子很危险\n"
        "小区电梯停了一个星期没有人来修理\n楼下饭店油烟机响到半夜"
    )

    assert ClauseHashes(
        whole=-6595565354078588084, first=5376060340044340973, second=1155669365555293817
    ) == clause_hashes(text)


def test_a_clause_of_ten_characters_says_something() -> None:
    """One of nine does not."""
    assert clause_hashes("一二三四五六七八九十") is not None
    assert clause_hashes("一二三四五六七八九") is None
