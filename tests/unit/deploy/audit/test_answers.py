"""What everybody reads of an answer is what was approved, but for what is masked."""

import pytest

from deploy.audit.answers import hides_nothing_else

LOGGED = "欧阳珩璟您好，已按6371234与您联系，翠竹苑5号楼三单元502的路灯已修好，请您放心。"


@pytest.mark.parametrize(
    "published",
    [
        LOGGED,
        "欧**您好，已按****1234与您联系，翠竹苑***的路灯已修好，请您放心。",
        "欧阳珩璟您好，已按6371234与您联系，翠竹苑5号楼***的路灯已修好，请您放心。",
    ],
)
def test_masks_of_any_release_are_no_change(published: str) -> None:
    """Also of the name that the citizen gave, which the log does not know."""
    assert hides_nothing_else(published, LOGGED)


@pytest.mark.parametrize(
    "published",
    [
        "欧**您好，已按****1234与您联系，翠竹苑***的路灯无法修好，请您放心。",
        "欧**您好，已按****1234与您联系，翠竹苑***的路灯已修好，请您放心。谢谢",
        "***",
        "欧**，请您放心。",
        "",
    ],
)
def test_anything_else_is_a_change(published: str) -> None:
    """Other words, more of them, or stars for all that was said."""
    assert not hides_nothing_else(published, LOGGED)
