"""What a hall keeps on its disk: an encrypted database, encrypted evidence files, and wrapped keys."""
