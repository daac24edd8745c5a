"""The words that stand for none, where a message says no more than that it is about a public matter (我也遇到)."""

#: In Chinese whoever sends it: staff read it.
SAME = "我也遇到同样的问题。"


def said_or_same(said: str, same_as: str | None) -> str:
    """The words, or those that stand for none where a public matter is named."""
    return SAME if same_as and not said.strip() else said
