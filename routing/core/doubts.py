"""Why a person must look, in words that travel with the request."""

from collections.abc import Mapping

from routing.core.classify import Classification, Doubt
from schemas.values import Reason

_SENTENCES: Mapping[Doubt, str] = {
    Doubt.TRANSFER: "可能应立即转其他热线：{transfer}",
    Doubt.OUTSIDE: "可能不属受理范围：{outside}",
    Doubt.ACCUSED: "举报涉及单位：{accused}",
    Doubt.NO_WORDS: "没有可依据的词语",
    Doubt.UNSURE: "把握不足：{probability:.0%}",
}


def explained(opinion: Classification) -> tuple[Reason, ...]:
    """Each doubt as a sentence of weight 0, then the words behind the likeliest category."""
    facts = {
        "transfer": "、".join(opinion.transfer),
        "outside": "、".join(opinion.outside),
        "accused": "、".join(opinion.accused),
        "probability": opinion.probability,
    }
    doubts = [Reason(words=_SENTENCES[doubt].format_map(facts), weight=0.0) for doubt in opinion.doubts]
    return (*doubts, *opinion.reasons)
