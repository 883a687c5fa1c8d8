"""The engines that the product uses, loaded once for all tests of a run."""

from functools import cache

from drivers.face.analyser import YuNetAnalyser
from drivers.face.engines import open_engine
from drivers.face.relief import FlowRelief
from drivers.face.repetition import NumpyRepetitions
from hallclient.devices import FaceEngines


@cache
def engines() -> FaceEngines:
    return FaceEngines(YuNetAnalyser(), FlowRelief(), open_engine(), NumpyRepetitions())
