"""What a column of a file means, by the names that English and Chinese exports give it."""

import unicodedata
from collections.abc import Mapping

#: What a column may be called, by what it means.
COLUMNS: Mapping[str, frozenset[str]] = {
    "title": frozenset(("title", "subject", "标题", "主题", "留言主题", "诉求标题", "信件标题", "工单标题")),
    "text": frozenset(
        (
            "text",
            "content",
            "body",
            "description",
            "内容",
            "正文",
            "详情",
            "留言详情",
            "留言内容",
            "诉求内容",
            "反映内容",
        )
    ),
    "external_id": frozenset(
        ("external_id", "id", "编号", "留言编号", "工单编号", "工单号", "诉求编号", "信件编号")
    ),
    "kind": frozenset(("kind", "type", "类型", "诉求类型", "信件类型")),
    "name": frozenset(("name", "contact_name", "姓名", "称呼", "联系人", "来电人", "反映人")),
    "phone": frozenset(
        ("phone", "contact_phone", "tel", "mobile", "电话", "手机", "手机号", "联系电话", "联系方式")
    ),
    "email": frozenset(("email", "contact_email", "邮箱", "电子邮箱")),
    "address": frozenset(
        ("address", "place", "place_address", "地点", "地址", "事发地点", "发生地点", "位置")
    ),
    "longitude": frozenset(("longitude", "lng", "lon", "经度")),
    "latitude": frozenset(("latitude", "lat", "纬度")),
    "confidential": frozenset(("confidential", "保密", "是否保密", "不公开", "是否不公开")),
    "publish": frozenset(
        ("publish", "public", "公开", "是否公开", "同意公开", "是否同意公开", "允许公开", "是否允许公开")
    ),
}
#: In a column's name: whatever it is called in full, it may ask for secrecy.
_SECRECY = "保密"
_FIELDS = {name: meaning for meaning, names in COLUMNS.items() for name in names}

#: A row as a reader gives it: what stands in each column.
Row = Mapping[str, object]


def field_of(column: str) -> str | None:
    """What a column holds, by its name; None for one that we have no use for."""
    name = unicodedata.normalize("NFKC", column).strip().lower().replace(" ", "_")
    return _FIELDS.get(name) or ("confidential" if _SECRECY in name else None)
