"""What a row is known by, whichever release read it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from intake.core.accepting import Envelope
from intake.core.codes import Sender
from intake.core.known_rows import row_of
from intake.imports.rows import read
from schemas.words import Channel
from tests.unit.intake.imports import files
from tests.unit.intake.messages import KEYS, NOW


@pytest.mark.parametrize(
    ("cells", "whole", "lasting"),
    [
        (
            {"来电日期": "2026-11-20", "来电时间": "08:30"},
            "9a6349cb9e1bafff1959f58ff28db5a3ac8a411c2cb11334ffe11cf5d5258681",
            "8035cf0e00d8a39cd98a5eababe1d69305a3468e4db32df12ebbb11f8589509f",
        ),
        (
            {"来电时间": "18:05", "来电日期": "2026-11-20", "编号": "7"},
            "d995c648df73c9323829dc23fc8c94e54ba2a95c2abff750d5b166826e4ba08a",
            "d0f66c3cc58374548aeefca2a9bc27b2f49d78cf9f4ee3fdab96df3062546222",
        ),
        (
            {"来电时间": datetime.fromisoformat("2026-11-20T08:29:59.999000")},
            "8097be80da97501c23cf89e33c610a8560771a32e2a5f344d7a181c4a655487b",
            "a4605dde6dec29cacd8cb6e025dbc13c4441133d9f686a38f2bc68c434b103a9",
        ),
        (
            {"诉求类型": "报修件"},
            "388b607bd292f3747a1c0f3b377d7bd8301988907f2b8cfe66f2e3e119726f2e",
            "8c7c67fd8fa739879ac8f3106f2d324c7117579b5e084687cffe02d935975f60",
        ),
        (
            {"诉求类型": "举报件", "来电时间": "9点", "来电日期": "2026-11-20"},
            "96f134d6000355f9d62390c05d7bc7d4152767972d914612d19eac1168b0ca7a",
            "67df743d6dc8e97503aebe77d7ba7443154c73fa8a7a606f9de752c635bfa0e8",
        ),
        (
            {"是否保密": "不需要"},
            "7abb969d6b49dcc14beea7129bf05920a4d78c1a303f5a8e435d34457028f32d",
            "ea15387cd786d98f15562326423f61462749b53c015f48fe567fbefc29f0e9e5",
        ),
    ],
)
def test_a_row_is_known_by_what_the_first_release_read_in_it(
    cells: dict[str, object], whole: str, lasting: str
) -> None:
    """The digests are those that it made of these cells: a day without its hour, a share of a day, words unknown to it."""
    row = files.row_of({"内容": "停水三天了。", "电话": "13900138001", **cells})
    reading = read(row, zone=ZoneInfo("Asia/Shanghai"))
    envelope = Envelope(sender=Sender(channel=Channel.HOTLINE), key="k", now=NOW, entropy=b"")
    known = row_of(reading.draft, envelope, KEYS, names_files=False, before=reading.before)

    assert reading.before is not None
    assert [KEYS.keyed(bytes.fromhex(whole))] == known.whole[1:]
    assert [KEYS.keyed(bytes.fromhex(lasting))] == known.lasting[1:]


def test_a_row_that_every_release_reads_alike_is_known_by_that_alone() -> None:
    """Nothing more is looked up for it."""
    reading = read(files.row_of({"内容": "停水三天了。", "来电时间": "2026-11-20 08:30", "诉求类型": "投诉"}))

    assert reading.before is None
