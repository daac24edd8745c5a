"""Cuts the position of a home that stands in a text to what everybody may see: a street, not a house."""

import re

from schemas.patterns import compiled_later

#: Of China's longitudes and latitudes, with more decimals than those of about 100 m (`PUBLIC_DECIMALS`).
_LONGITUDE = r"(?:7[3-9]|[89][0-9]|1[0-2][0-9]|13[0-5])\.[0-9]{3}"
_LATITUDE = r"(?:1[89]|[2-4][0-9]|5[0-3])\.[0-9]{3}"
_BETWEEN = (
    r"[°度]?[EN东東北]? ?[,，;；/、 ][ ]?"
    r"(?:[北东東][纬緯]|[北东東][经經]|[纬緯]度|[经經]度|lat(?:itude)?|lon(?:gitude)?)?[:：=是 ]{0,2}"
)
_REST = r"[0-9]{1,12}(?![0-9])"
#: Of a lamp or a hole in the road everybody may know where it is.
_HOME = "((?:[我他她]家|家里|家裡|住处|住處|住址|家住|住在|我住|家庭)[^，。；\n0-9]{0,12})"
_PAIR = compiled_later(
    rf"{_HOME}(?:({_LONGITUDE}){_REST}({_BETWEEN})({_LATITUDE}){_REST}|({_LATITUDE}){_REST}({_BETWEEN})({_LONGITUDE}){_REST})",
    re.IGNORECASE,
)
_HINT = compiled_later(r"[0-9]\.[0-9]{4}")


def cut_positions(text: str) -> str:
    """`text` with three decimals of a home's longitude and latitude."""
    if not _HINT.search(text):
        return text
    return _PAIR.sub(lambda match: "".join(part or "" for part in match.groups()), text)
