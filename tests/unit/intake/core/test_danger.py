"""Whom to call at once, by what a message says."""

import pytest

from intake.core.danger import LINES, EmergencyLine, lines_for


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("楼下着火了", [EmergencyLine.FIRE]),
        ("厨房有很浓的燃气味", [EmergencyLine.FIRE]),
        ("我不想活了", [EmergencyLine.POLICE]),
        ("脚手架坍塌，有人受伤", [EmergencyLine.FIRE, EmergencyLine.AMBULANCE]),
        ("There is a GAS LEAK and a man is bleeding", [EmergencyLine.FIRE, EmergencyLine.AMBULANCE]),
        ("路灯不亮已有三天", []),
        ("", []),
    ],
)
def test_danger_names_its_lines(text: str, expected: list[EmergencyLine]) -> None:
    """In either field, in capitals, in Chinese and English; an ordinary matter names none."""
    assert expected == lines_for(text, "")
    assert expected == lines_for("", text)


def test_every_line_has_words_in_both_languages() -> None:
    """And its number stands in both."""
    for line in EmergencyLine:
        assert all(line in text for text in LINES[line])
