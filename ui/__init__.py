"""The windows: the only place that knows PySide6."""

import os

# While it is loaded, Qt's multimedia names every optional library of other desktops that this one does not have.
os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.symbolsresolver.warning=false")
