"""The database as whoever reads and writes rows sees it: inside a transaction that somebody else begins and ends.

sqlite-utils catches errors of Python's own sqlite3 only, and SQLCipher's are others: what rests on that (`alter`, more
rows at once than a statement has room for) is not used here.
"""

from sqlite_utils import Database as Tables

__all__ = ["Tables"]
