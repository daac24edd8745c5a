"""How people group the digits of telephone numbers and cards."""

#: How people group eleven digits when anything may stand between.
GROUPINGS = frozenset(
    [(3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (5, 6), (4, 4, 3), (4, 3, 4), (3, 5, 3), (6, 5), (3, 2, 2, 2, 2),
     (3, 4, 2, 2), (3, 2, 2, 4), (5, 3, 3), (3, 3, 3, 2), (1,) * 11, (11,)]
)  # fmt: skip
AREA_GROUPINGS = frozenset([(8,), (7,), (4, 4), (3, 4), (1,) * 8, (1,) * 7])
#: Digits of an area code with its zero, or of most without: 010, 0551, 551 (project choice: hours have two).
SHORTEST_AREA = 3
#: The same where nothing else is grouped so: hours are, too.
RARE_AREA_GROUPINGS = frozenset(
    [(4, 3), (3, 5), (5, 3), (2, 6), (6, 2), (2, 2, 2, 2), (2, 3, 3), (3, 3, 2), (3, 2, 3)]
)  # fmt: skip
#: Digits of a bank card that is written in groups (ISO/IEC 7812-1; UnionPay's have sixteen at the least).
CARD_DIGITS = range(16, 20)
