"""The words that stand for none, where a message says no more than that it is about a public matter (我也遇到)."""

#: In Chinese whoever sends it: staff read it.
SAME = "我也遇到同样的问题。"
