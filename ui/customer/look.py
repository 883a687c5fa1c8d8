"""The customer looks at the camera and sees themselves."""

from PySide6.QtCore import Qt

from ui import wording
from ui.customer.page import CustomerPage
from ui.newest import Newest
from ui.widgets.camera_view import CameraView
from ui.widgets.text import Text


class LookPage(CustomerPage):
    """The preview, mirrored like a mirror, and what to do."""

    def __init__(self) -> None:
        super().__init__()
        self.view = CameraView(guided=True, mirrored=True)
        title = Text(wording.Customer.LOOK, "customer-display")
        hint = Text(wording.Customer.LOOK_HINT, "customer-lead-soft")
        for label in (title, hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.column.setSpacing(8)
        self.column.addWidget(title)
        self.column.addWidget(hint)
        self.column.addSpacing(8)
        self.column.addWidget(self.view, 1)
        self.sentence = wording.Customer.LOOK

    def follow(self, frames: Newest, sights: Newest) -> None:
        self.view.show_image(None)
        frames.arrived.connect(self.view.show_frame)
        sights.arrived.connect(self.view.show_sight)
