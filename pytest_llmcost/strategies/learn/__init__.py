"""What a run in which several strategies answered the same cases teaches: thresholds, and which case goes where."""
