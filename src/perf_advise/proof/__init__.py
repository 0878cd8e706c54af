"""Do old and new code answer alike, and how much faster is the new: replay, compare, time, choose."""
