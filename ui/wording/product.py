"""What the program is called, and whom to call."""

PRODUCT = "营业厅实人核验"
PRACTICE = "演练"
HOTLINE = "96110"
