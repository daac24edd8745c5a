"""The text of a message that says nothing of its own, and whether a text has any visible character."""

import re

#: Where a message says no more than that it is about a public matter (我也遇到); in Chinese whoever sends it: staff read it.
SAME = "我也遇到同样的问题。"
_VISIBLE = re.compile(
    r"[^\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]"
)


def is_seen(words: str) -> bool:
    """Whether anything of them can be seen."""
    return _VISIBLE.search(words) is not None
