"""What `huiyin evaluate` found: values, for `--json`, the terminal and the page."""

import msgspec

from routing.core.evaluation import EvaluationFigures
from routing.core.learning.model import PrecisionStep


class BothTold(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence for whoever reads the report."""

    code: str
    zh: str
    en: str


class TrainedFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned from, and the threshold that was chosen there, on messages held out from it."""

    rows: int
    seconds: float
    macro_f1: float
    calibration_error: float
    threshold: float
    #: Of the evaluated messages: at or above the threshold, and how much of that is right.
    coverage: float
    precision: float
    #: What each precision costs, on messages held out from learning.
    curve: tuple[PrecisionStep, ...] = ()
    #: What makes these figures worth little, in Chinese and English.
    doubts: tuple[BothTold, ...] = ()


class Evaluation(EvaluationFigures, frozen=True, kw_only=True):
    """The figures, the speed, and what was learned before."""

    messages_per_second: float
    trained: TrainedFigures | None = None
